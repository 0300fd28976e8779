//! How far the values of a network in bytes are from those in `f32`, layer by layer.

use core::fmt;
use std::vec;
use std::vec::Vec;

use crate::int8::Scale;
use crate::int8::calibrate::{watch, watch_bytes};
use crate::int8::network::{Inputs, Network, for_each_place, inputs};
use crate::int8::plan::shown;
use crate::network::Network as Float;

/// Prints as a table of the layers that run in bytes.
#[derive(Clone, Debug)]
pub struct Report {
    /// A row for each of them.
    pub rows: Vec<Row>,
}

/// One layer, and those that are merged into it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The layer's name, or its keyword if it has none.
    pub name: &'static str,
    /// The layer's keyword.
    pub kind: &'static str,
    /// The scale of its output.
    pub scale: Scale,
    /// The most that a number of its output is off.
    pub max_error: f32,
    /// How much stronger the output is than what is wrong with it, in decibels: `10 log₁₀ (Σ y² / Σ (y − ŷ)²)`.
    pub sqnr: f32,
}

/// Sums over the numbers of one output.
#[derive(Clone, Copy, Default)]
struct Sums {
    signal: f64,
    noise: f64,
    max: f32,
}

pub(super) fn report<'s, N: Network>(
    bytes: &N,
    net: &N::Float,
    samples: impl IntoIterator<Item = &'s <N::Float as Float>::Input>,
) -> Report {
    let first = inputs::<N>();
    let runs: Vec<usize> = (0..N::NODES.len()).filter(|&k| N::NODES[k].runs).collect();
    let mut sums = vec![Sums::default(); N::NODES.len()];
    let mut numbers = vec![vec![]; N::VALUES.len()];
    for x in samples {
        watch(net, [x], |v, y| numbers[v] = y.to_vec());
        let mut input = N::Input::ZERO;
        bytes.quantize_input(x, &mut input);
        watch_bytes(bytes, &input, |k, y| {
            let (value, scale) = (first + shown(N::NODES, k), bytes.scale(first + k));
            let (sums, exact) = (&mut sums[k], &numbers[value]);
            for_each_place(N::VALUES, value, y.len(), |declared, place| {
                let Some(&exact) = exact.get(declared) else { return };
                let error = exact - scale.number(y[place]);
                sums.signal += f64::from(exact).powi(2);
                sums.noise += f64::from(error).powi(2);
                sums.max = sums.max.max(error.abs());
            });
        });
    }
    let row = |&k: &usize| Row {
        name: N::Float::ROWS[k].name,
        kind: N::Float::ROWS[k].kind,
        scale: bytes.scale(first + k),
        max_error: sums[k].max,
        sqnr: (10.0 * (sums[k].signal / sums[k].noise).log10()) as f32,
    };
    Report { rows: runs.iter().map(row).collect() }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |row: &Row| match row.name == row.kind {
            true => row.name.into(),
            false => std::format!("{}: {}", row.name, row.kind),
        };
        let wide = self.rows.iter().map(|row| name(row).len()).max().unwrap_or(0).max(5);
        write!(
            f,
            "{:wide$}  {:>12}{:>6}{:>14}{:>10}",
            "layer", "scale", "zero", "largest error", "SQNR dB"
        )?;
        for row in &self.rows {
            let Scale { scale, zero } = row.scale;
            let (max, sqnr) = (row.max_error, row.sqnr);
            write!(f, "\n{:wide$}  {scale:>12.6}{zero:>6}{max:>14.6}{sqnr:>10.1}", name(row))?;
        }
        Ok(())
    }
}
