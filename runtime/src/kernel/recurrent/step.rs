//! One step of one sample, as a sequence brings it that comes step by step.

use super::super::Vector;
use super::super::dispatch::{Kernel, dispatch};
use super::super::tile::{inner_rows, inner_rows_at};
use super::cell::{At, all, lstm_in_one, tanh};
use super::{Cell, Recurrence};

/// One step of one sample: brings `h` and `c` up to date, and writes the new `h` to `y`, too. The bits are those of
/// [`recurrent`](super::recurrent), which would take more time to find its way among samples and steps than the step takes; those of a
/// layer that is [packed in columns](Recurrence::pack_columns) differ by rounding.
///
/// `G` says what the compiler is to know of the cell: how many gates it has, or 0 for nothing; `I` and `H` are the sizes of the layer, or 0.
///
/// # Panics
/// When the sizes do not fit.
#[inline]
pub fn recurrent_step<const G: usize, const I: usize, const H: usize>(
    layer: &Recurrence<'_>,
    x: &[f32],
    h: &mut [f32],
    c: &mut [f32],
    y: &mut [f32],
) {
    let layer = known::<G, I, H>(*layer);
    layer.check();
    let fits = h.len() == layer.hidden && (c.len() == layer.hidden || !layer.cell.has_c());
    assert!(fits && y.len() >= layer.hidden, "recurrent: the state has another length");
    let y = &mut y[..layer.hidden];
    dispatch(Step::<G, I, H> { layer, x, y, h, c });
}

/// The same layer, with what the compiler knows of it as constants.
#[inline(always)]
pub(super) fn known<const G: usize, const I: usize, const H: usize>(
    layer: Recurrence<'_>,
) -> Recurrence<'_> {
    let cell = match G {
        4 => Cell::Lstm,
        3 => Cell::Gru,
        _ => layer.cell,
    };
    let size = |known, otherwise| if known > 0 { known } else { otherwise };
    Recurrence { cell, inputs: size(I, layer.inputs), hidden: size(H, layer.hidden), ..layer }
}

struct Step<'a, const G: usize, const I: usize, const H: usize> {
    layer: Recurrence<'a>,
    x: &'a [f32],
    y: &'a mut [f32],
    h: &'a mut [f32],
    c: &'a mut [f32],
}

impl<const G: usize, const I: usize, const H: usize> Kernel for Step<'_, G, I, H> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let layer = known::<G, I, H>(self.layer);
        let hidden = layer.hidden;
        let Step { x, y, h, c, .. } = self;
        assert!(x.len() == layer.inputs && h.len() == hidden && y.len() == hidden);
        #[cfg(feature = "std")]
        if !layer.packed.is_empty() {
            return layer.step_in_columns::<V, G, I, H>(x, h, c, y);
        }
        // All gates of some places, from the old state, which the other places need, too.
        let has_c = layer.cell.has_c();
        let whole = hidden - hidden % V::LANES;
        let is_lstm = matches!(layer.cell, Cell::Lstm);
        // What is left over of all four gates is treated together where it fits into a vector.
        let together = H > 0 && is_lstm && whole < hidden && 4 * (hidden - whole) <= V::LANES;
        all!(V, if together { whole } else { hidden }, at => {
            let mut gates = [V::splat(0.0); 4];
            for (i, gate) in gates.iter_mut().enumerate().take(layer.cell.width()) {
                let sum = from_input(&layer, i, &x[..layer.inputs], at);
                *gate = plus_state(&layer, i, &h[..hidden], at, sum);
            }
            let old_c = if has_c { at.get(c) } else { V::splat(0.0) };
            let (_, new_h, new_c) = layer.cell.next::<V>(gates, at.get(h), old_c);
            at.put(y, new_h);
            if has_c {
                at.put(c, new_c);
            }
        });
        if together {
            let last = Last { start: whole, hidden };
            let gates = last.gates::<V>(&layer, &x[..layer.inputs], &h[..hidden]);
            let at = At { start: whole, len: hidden - whole };
            let (o, new_c) = lstm_in_one::<V>(gates, at.len, at.get(c));
            at.put(y, o * tanh(new_c));
            at.put(c, new_c);
        }
        all!(V, hidden, at => { at.put(h, at.get::<V>(y)); });
    }
}

/// The last places of an LSTM: the vector that holds all of their gates, those of the first in its first lanes.
struct Last {
    start: usize,
    hidden: usize,
}

impl Last {
    /// What goes into the gates.
    #[inline(always)]
    fn gates<V: Vector>(&self, layer: &Recurrence<'_>, x: &[f32], h: &[f32]) -> V {
        let mut sum = V::splat(0.0);
        if !layer.bias_ih.is_empty() {
            sum = sum + self.lanes(layer.bias_ih);
            sum = sum + self.lanes(layer.bias_hh);
        }
        sum = sum + self.product(layer.weight_ih, x);
        sum + self.product(layer.weight_hh, h)
    }

    #[inline(always)]
    fn product<V: Vector>(&self, weight: &[f32], x: &[f32]) -> V {
        if let [x] = x {
            return self.lanes::<V>(weight) * V::splat(*x) + V::splat(0.0);
        }
        let (k, len) = (x.len(), self.hidden - self.start);
        assert!(weight.len() == 4 * self.hidden * k);
        let row = |i: usize| {
            weight.as_ptr().wrapping_add((i / len * self.hidden + self.start + i % len) * k)
        };
        // SAFETY: lane `i` belongs to a row of gate `i / len`, one of four, and a row is as long as `x`.
        unsafe { inner_rows_at(k, row, 4 * len, x.as_ptr()) }
    }

    /// A number for each of the gates.
    #[inline(always)]
    fn lanes<V: Vector>(&self, from: &[f32]) -> V {
        let (mut all, len) = (V::splat(0.0), self.hidden - self.start);
        for i in 0..4 {
            let last = &from[i * self.hidden + self.start..][..len];
            // SAFETY: `len` numbers are left of the gate, and four times as many fit into a vector.
            all = all + unsafe { V::read_lanes(last.as_ptr(), i * len, len) };
        }
        all
    }
}

/// What goes into gate `i` at some places from the input: `b + b′ + W x`; into the last of a GRU, `b′`.
#[inline(always)]
fn from_input<V: Vector>(layer: &Recurrence<'_>, i: usize, x: &[f32], at: At) -> V {
    let [from_x, from_h] = sides(layer, i);
    let place = At { start: row(layer, i) + at.start, len: at.len };
    let mut sum = V::splat(0.0);
    if !layer.bias_ih.is_empty() {
        if from_x {
            sum = sum + place.get(layer.bias_ih);
        }
        if from_h {
            sum = sum + place.get(layer.bias_hh);
        }
    }
    if from_x { sum + product(layer.weight_ih, place, x) } else { sum }
}

/// Adds to `sum`, which goes into gate `i` at some places, what comes from the state: `W′ h`; to that of the last but one of a GRU, nothing.
#[inline(always)]
pub(super) fn plus_state<V: Vector>(
    layer: &Recurrence<'_>,
    i: usize,
    h: &[f32],
    at: At,
    sum: V,
) -> V {
    let [_, from_h] = sides(layer, i);
    let place = At { start: row(layer, i) + at.start, len: at.len };
    if from_h { sum + product(layer.weight_hh, place, h) } else { sum }
}

/// Whether gate `i` has a row in `W`, and in `W′`.
#[inline(always)]
pub(super) fn sides(layer: &Recurrence<'_>, i: usize) -> [bool; 2] {
    match layer.cell {
        Cell::Gru => [i < 3, i != 2],
        _ => [true; 2],
    }
}

/// The first row of gate `i` in the weights.
#[inline(always)]
pub(super) fn row(layer: &Recurrence<'_>, i: usize) -> usize {
    i.min(layer.cell.gates() - 1) * layer.hidden
}

/// The products of some rows of a weight with `x`.
#[inline(always)]
fn product<V: Vector>(weight: &[f32], rows: At, x: &[f32]) -> V {
    let weight = &weight[rows.start * x.len()..(rows.start + rows.len) * x.len()];
    // SAFETY: there are `len` rows, each as long as `x`.
    unsafe { inner_rows(x.len(), weight.as_ptr(), rows.len, x.as_ptr()) }
}
