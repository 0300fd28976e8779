//! `Net::summary()`: a table of the layers, and `#[budget(…)]`, which reads the same rows.

use core::fmt;

use crate::infer::{Doubt, Inferred};
use crate::network::{Network, numbers};
use crate::plan::Slots;
use crate::shape::Shape;
use crate::text::Message;

/// One node of a network, for people.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The layer's name, or its keyword if it has none.
    pub name: &'static str,
    /// The layer's keyword.
    pub kind: &'static str,
    /// The shape of what comes out.
    pub output: Shape,
    /// Numbers that are trained. A layer that is called again counts once.
    pub parameters: usize,
    /// Multiplications with a parameter for one sample.
    pub macs: usize,
    /// Bytes that backward needs of each sample, beside inputs and outputs.
    pub kept: usize,
    /// Whether a step of the output depends on no later step of the input.
    pub streams: bool,
    /// Whether there is no mistake in the layer: of another no limit is judged.
    certain: bool,
}

impl Row {
    /// The row of what `inferred` describes.
    pub const fn of<A: Copy>(inferred: &Inferred<A>) -> Self {
        Row {
            name: inferred.inputs.layer(),
            kind: inferred.inputs.kind(),
            output: inferred.node.output,
            parameters: inferred.parameters,
            macs: inferred.macs,
            kept: inferred.kept * size_of::<f32>(),
            streams: inferred.streams(),
            certain: matches!(inferred.doubt(), Doubt::None),
        }
    }

    /// The row of a layer that has been called before: its parameters are counted there.
    pub const fn again<A: Copy>(inferred: &Inferred<A>) -> Self {
        Row { parameters: 0, ..Self::of(inferred) }
    }
}

/// The MACs of all rows.
pub const fn macs(rows: &[Row]) -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < rows.len() {
        sum += rows[i].macs;
        i += 1;
    }
    sum
}

/// Prints as a table of the network's layers.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    rows: &'static [Row],
    plan: &'static [Slots],
    parameters: usize,
    flash: usize,
    macs: usize,
    inference: usize,
    training: usize,
}

impl Summary {
    pub(crate) const fn of<N: Network>() -> Self {
        Summary {
            rows: N::ROWS,
            plan: &N::INFERENCE.nodes,
            parameters: N::PARAMETERS,
            flash: numbers(N::TENSORS, false) * size_of::<f32>(),
            macs: N::MACS,
            inference: N::INFERENCE_RAM,
            training: N::TRAINING_RAM,
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["layer", "output", "parameters", "MACs", "kept bytes"];
        let name =
            |row: &Row| row.name.len() + if row.name == row.kind { 0 } else { row.kind.len() + 2 };
        let wide = self.rows.iter().map(name).max().unwrap_or(0).max(head[0].len());
        let [layer, output, parameters, macs, kept] = head;
        writeln!(f, "{layer:wide$}  {output:18}{parameters:>12}{macs:>14}{kept:>12}")?;
        for (row, slots) in self.rows.iter().zip(self.plan) {
            f.write_str(row.name)?;
            if row.name != row.kind {
                write!(f, ": {}", row.kind)?;
            }
            write!(f, "{:1$}", "", wide - name(row))?;
            write!(
                f,
                "  {:18}{:>12}{:>14}{:>12}",
                row.output,
                Grouped(row.parameters),
                Grouped(row.macs),
                Grouped(row.kept)
            )?;
            match slots.done_by {
                Some(by) => writeln!(f, "  done by {}", self.rows[by].name)?,
                None => writeln!(f)?,
            }
        }
        writeln!(
            f,
            "parameters     {:>12}  ({} bytes)",
            Grouped(self.parameters),
            Grouped(self.flash)
        )?;
        writeln!(f, "MACs           {:>12}  for one sample", Grouped(self.macs))?;
        writeln!(f, "inference RAM  {:>12}  bytes", Grouped(self.inference))?;
        write!(f, "training RAM   {:>12}  bytes for a batch of one", Grouped(self.training))
    }
}

/// Prints with a comma before every three digits.
struct Grouped(usize);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut text, mut power) = (crate::text::Text::<32>::new(), 1);
        while self.0 / power >= 1000 {
            power *= 1000;
        }
        text = text.num(self.0 / power);
        while power > 1 {
            let group = self.0 % power / (power / 1000);
            power /= 1000;
            text = text
                .str(",")
                .str(["00", "0", ""][(group >= 10) as usize + (group >= 100) as usize]);
            text = text.num(group);
        }
        f.pad(text.as_str())
    }
}

/// Stops the build when the tensors of `N` do not fit into `limit` bytes; names the layer that has most.
#[track_caller]
pub const fn flash_within<N: Network>(limit: usize) {
    flash(N::ROWS, numbers(N::TENSORS, false) * size_of::<f32>(), limit);
}

/// Stops the build when an inference of `N` does not fit into `limit` bytes; names the layer with the largest output.
#[track_caller]
pub const fn ram_within<N: Network>(limit: usize) {
    let (rows, bytes) = (N::ROWS, N::INFERENCE_RAM);
    if bytes > limit && all_certain(rows) {
        let (mut most, mut i) = (0, 0);
        while i < rows.len() {
            if rows[i].output.len() > rows[most].output.len() {
                most = i;
            }
            i += 1;
        }
        let says = too_much_ram(bytes, limit).str("; the largest output is that of `");
        let says = says.str(rows[most].name).str("`, ").shape(&rows[most].output).str(": ");
        panic!("{}", says.num(rows[most].output.len() * size_of::<f32>()).str(" bytes").as_str())
    }
}

/// Stops the build when `bytes` of parameters are more than `limit`.
#[track_caller]
pub(crate) const fn flash(rows: &[Row], bytes: usize, limit: usize) {
    if bytes > limit && all_certain(rows) {
        let (mut most, mut all, mut i) = (0, 0, 0);
        while i < rows.len() {
            all += rows[i].parameters;
            if rows[i].parameters > rows[most].parameters {
                most = i;
            }
            i += 1;
        }
        let says = Message::new().str("the parameters take ").num(bytes).str(" bytes of flash, ");
        let says = says.num(bytes - limit).str(" more than the budget of ").num(limit).str("; `");
        let says = says.str(rows[most].name).str("` has ").num(rows[most].parameters);
        panic!("{}", says.str(" of the ").num(all).str(" parameters").as_str())
    }
}

/// Says that an inference takes more RAM than `limit`.
pub(crate) const fn too_much_ram(bytes: usize, limit: usize) -> Message {
    let says = Message::new().str("an inference takes ").num(bytes).str(" bytes of RAM, ");
    says.num(bytes - limit).str(" more than the budget of ").num(limit)
}

/// Whether no shape is in doubt.
pub(crate) const fn all_certain(rows: &[Row]) -> bool {
    let mut i = 0;
    while i < rows.len() {
        if !rows[i].certain {
            return false;
        }
        i += 1;
    }
    true
}
