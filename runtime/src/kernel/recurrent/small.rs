//! One step of one sample in little code, in which nothing can panic: what a microcontroller takes.

use super::super::dispatch::{Kernel, dispatch};
use super::super::{Matrix, Vector, gemv};
use super::step::known;
use super::{Cell, Recurrence};
use crate::check::check;

/// One step of one sample: brings `h` and `c` up to date. `gates` is room for `[width · hidden]`, and `G` the number of gates.
///
/// The products are those of [`gemv`], which a program has anyway, and which is written by hand for some processors. Plain loops give the bits of
/// [`recurrent`](super::recurrent).
///
/// # Panics
/// When the sizes do not fit.
pub fn recurrent_step_small<const G: usize>(
    layer: &Recurrence<'_>,
    x: &[f32],
    h: &mut [f32],
    c: &mut [f32],
    gates: &mut [f32],
) {
    let layer = known::<G, 0, 0>(*layer);
    check!(layer.fits() && x.len() == layer.inputs, "recurrent: the input has another length");
    let fits = h.len() == layer.hidden && (c.len() == layer.hidden || !layer.cell.has_c());
    check!(fits && gates.len() == layer.width(), "recurrent: the state has another length");
    gates.fill(0.0);
    add(layer.bias_ih, gates);
    for (rows, to) in layer.recurrent_parts() {
        let bias = layer.bias_hh.get(rows).unwrap_or_default();
        add(bias, gates.get_mut(to..).unwrap_or_default());
    }
    add_product(layer.weight_ih, x, gates.get_mut(..layer.gates()));
    for (rows, to) in layer.recurrent_parts() {
        let weight = layer.weight_hh.get(rows.start * layer.hidden..).unwrap_or_default();
        add_product(weight, h, gates.get_mut(to..to + rows.len()));
    }
    dispatch(Gates { cell: layer.cell, gates, h, c });
}

/// Adds `terms` to the first numbers of `to`.
fn add(terms: &[f32], to: &mut [f32]) {
    for (to, term) in to.iter_mut().zip(terms) {
        *to += term;
    }
}

/// Adds to `y` the product of the first rows of `weight` with `x`.
fn add_product(weight: &[f32], x: &[f32], y: Option<&mut [f32]>) {
    let y = y.unwrap_or_default();
    gemv(Matrix::new(weight, y.len(), x.len()), x, y);
}

/// What the gates do.
struct Gates<'a> {
    cell: Cell,
    gates: &'a mut [f32],
    h: &'a mut [f32],
    c: &'a mut [f32],
}

impl Kernel for Gates<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        self.cell.step::<V>(self.gates, self.h, self.c);
    }
}
