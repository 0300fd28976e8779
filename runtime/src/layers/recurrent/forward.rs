//! Forward through a stack of recurrent layers.

use super::sizes::{Room, Sizes};
use super::stacked::recurrence;
use super::steps::step_by_step;
use super::{Stack, Stacked};
use crate::infer::{MAX_INPUTS, Node};
use crate::kernel::{self, Formula, RecurrentForward, Rows, RowsMut, Steps, Vector, each};
use crate::layer::Forward;
use crate::layers::dropout;

/// Writes the output; in training also what backward will need.
pub(crate) fn forward<L: Stacked>(
    layer: &L,
    node: &Node<L::Args>,
    call: Forward<'_>,
    training: bool,
) {
    let stack = L::stack(node);
    let (n, sizes) = (call.n, Sizes::of(&stack, &node.input));
    let (h, d, layers) = (sizes.hidden, stack.directions(), stack.layers());
    let recurrences = |i| recurrence(layer, &stack, node, call.packed, i);
    let lengths = call.lengths;
    let of = |i| if stack.one_step { 1 } else { lengths.input(0, i) };
    let steps = Steps { n, of: &of };
    let total = steps.total();

    let mut kept = Room { memory: call.kept, n };
    let mut scratch = Room { memory: call.scratch, n };
    let keeps_gates = training && sizes.keeps_gates;
    let mut all_gates =
        if keeps_gates { kept.take(sizes.kept_gates()) } else { scratch.take(sizes.block) };
    let mut all_cs = if training { kept.take(sizes.all * sizes.cs) } else { &mut [] };
    let room = if training { &mut kept } else { &mut scratch };
    let outputs = room.take(if training { sizes.kept_outputs } else { sizes.inner } * sizes.output);
    let mut outputs = outputs.chunks_exact_mut((n * sizes.output).max(1));
    let (masks, dropped) = if training {
        (kept.take(sizes.dropped * sizes.output), kept.take(sizes.dropped * sizes.output))
    } else {
        (&mut [][..], &mut [][..])
    };
    let dropped = dropped.chunks_exact_mut((n * sizes.output).max(1));
    let mut drops = masks.chunks_exact_mut((n * sizes.output).max(1)).zip(dropped);
    let (scratch_h, scratch_c) = (scratch.take(h), scratch.take(sizes.c));
    let streams = !call.state.is_empty();
    let states = n * layers * h;
    let (state_h, state_c) = call.state.split_at_mut(if streams { states } else { 0 });

    let initial = Initial::of(&stack, &call.x);
    let (mut x, mut out) = (call.x[0], Some(call.y));
    for l in 0..layers {
        let top = l + 1 == layers;
        let mut y = if top && !stack.last { out.take() } else { outputs.next() };
        for direction in 0..d {
            let i = l * d + direction;
            let (h_rows, c_rows) = if streams {
                let rows = |data| RowsMut { data, stride: layers * h, offset: l * h };
                let c = if sizes.c > 0 { rows(&mut *state_c) } else { rows(&mut []) };
                (rows(&mut *state_h), c)
            } else {
                set(scratch_h, initial.h(i), h);
                set(scratch_c, initial.c(i), h);
                let rows = |data| RowsMut { data, stride: h, offset: 0 };
                (
                    rows(&mut *scratch_h),
                    RowsMut { data: &mut *scratch_c, stride: sizes.c, offset: 0 },
                )
            };
            let gates = if keeps_gates {
                let gates;
                (gates, all_gates) = all_gates.split_at_mut(n * sizes.gates);
                gates
            } else {
                &mut *all_gates
            };
            let cs;
            (cs, all_cs) = all_cs.split_at_mut(if training { n * sizes.cs } else { 0 });
            let cs = &mut cs[..if training && sizes.c > 0 { total * h } else { 0 }];
            let call = RecurrentForward {
                x,
                h: h_rows,
                c: c_rows,
                y: y.as_deref_mut().map(|data| RowsMut {
                    data: &mut data[..total * d * h],
                    stride: d * h,
                    offset: direction * h,
                }),
                gates,
                kept: keeps_gates,
                cs,
            };
            kernel::recurrent(&recurrences(i), steps, call);
            if top && stack.last {
                let (h_n, c_n) = if streams {
                    (rows(state_h, layers * h, l * h), rows(state_c, layers * h, l * h))
                } else {
                    (rows(scratch_h, h, 0), rows(scratch_c, h, 0))
                };
                let y = out.as_deref_mut().unwrap_or_default();
                give(y, node.output.len(), direction * h, h_n, h);
                if stack.one_step && sizes.c > 0 {
                    give(y, node.output.len(), h, c_n, h);
                }
            }
        }
        if let Some(y) = y {
            x = &y[..total * d * h];
        }
        if training
            && !top
            && let Some((mask, dropped)) = drops.next()
        {
            let (mask, dropped) = (&mut mask[..x.len()], &mut dropped[..x.len()]);
            dropout::draw(stack.dropout, call.seed.wrapping_add(l as u64), mask);
            each([&mut *dropped], [x, mask], &Product);
            x = dropped;
        }
    }
}

/// Forward in use. One step of one sample through a single layer has a way of its own, where all sizes are known to the compiler: it is worth its
/// lines where steps come one by one, a million times. Without `std`, all goes step by step, in little code.
#[inline(always)]
pub(crate) fn in_use<L: Stacked>(layer: &L, node: &Node<L::Args>, call: Forward<'_>) {
    let stack = L::stack(node);
    let is_step = call.n == 1 && call.x[0].len() == stack.features(&node.input);
    let is_packed = call.packed.part(0).numbers().is_some();
    let in_columns = is_packed && L::IN_COLUMNS;
    if cfg!(feature = "std") && is_step && stack.all() == 1 && (in_columns || !is_packed) {
        one_step(&stack, layer, node, call);
    } else if !cfg!(feature = "std") || in_columns {
        step_by_step(layer, node, call);
    } else {
        forward(layer, node, call, false);
    }
}

#[inline(always)]
fn one_step<L: Stacked>(stack: &Stack, layer: &L, node: &Node<L::Args>, call: Forward<'_>) {
    let recurrence = recurrence(layer, stack, node, call.packed, 0);
    let (h, has_c) = (recurrence.hidden, stack.cell.has_c());
    let streams = !call.state.is_empty();
    let (state_h, rest) = if streams { call.state } else { call.scratch }.split_at_mut(h);
    let state_c = &mut rest[..if has_c { h } else { 0 }];
    if !streams {
        let initial = Initial::of(stack, &call.x);
        set(state_h, initial.h(0), h);
        set(state_c, initial.c(0), h);
    }
    let (y_h, y_c) = call.y.split_at_mut(h);
    (L::STEP)(&recurrence, call.x[0], state_h, state_c, y_h);
    if stack.one_step {
        y_c.copy_from_slice(state_c);
    }
}

/// The state before the first step of each sample, where it is given: for each layer, each direction counted.
pub(super) struct Initial<'a> {
    h: Option<Rows<'a>>,
    c: Option<Rows<'a>>,
    hidden: usize,
}

impl<'a> Initial<'a> {
    /// Of the inputs `x`.
    pub(super) fn of(stack: &Stack, x: &[&'a [f32]; MAX_INPUTS]) -> Self {
        let (h, all) = (stack.hidden_size, stack.all());
        let given = |x: &'a [f32], stride: usize, offset: usize| {
            (!x.is_empty()).then_some(Rows { data: x, stride, offset })
        };
        let (h, c) = if both(stack, x) {
            (given(x[1], 2 * h, 0), given(x[1], 2 * h, h))
        } else {
            (given(x[1], all * h, 0), given(x[2], all * h, 0))
        };
        Initial { h, c, hidden: stack.hidden_size }
    }

    /// `h` of layer `i`.
    pub(super) fn h(&self, i: usize) -> Option<Rows<'a>> {
        self.h.map(|rows| Rows { offset: rows.offset + i * self.hidden, ..rows })
    }

    /// `c` of layer `i`.
    pub(super) fn c(&self, i: usize) -> Option<Rows<'a>> {
        self.c.map(|rows| Rows { offset: rows.offset + i * self.hidden, ..rows })
    }
}

/// Whether the one input beside `x` is `h` and `c`.
pub(super) fn both(stack: &Stack, x: &[&[f32]; MAX_INPUTS]) -> bool {
    stack.one_step && stack.cell.has_c() && x[2].is_empty()
}

/// Sets each row of `to` to that of `from`, or to zero.
fn set(to: &mut [f32], from: Option<Rows<'_>>, len: usize) {
    let Some(from) = from else { return to.fill(0.0) };
    for (i, to) in to.chunks_exact_mut(len.max(1)).enumerate() {
        to.copy_from_slice(&from.data[i * from.stride + from.offset..][..len]);
    }
}

fn rows(data: &[f32], stride: usize, offset: usize) -> Rows<'_> {
    Rows { data, stride, offset }
}

/// Writes each row of `from` to the outputs, which are `stride` apart, from `offset` on.
fn give(to: &mut [f32], stride: usize, offset: usize, from: Rows<'_>, len: usize) {
    for (i, to) in to.chunks_exact_mut(stride.max(1)).enumerate() {
        to[offset..offset + len]
            .copy_from_slice(&from.data[i * from.stride + from.offset..][..len]);
    }
}

/// y ← factor · x
pub(super) struct Product;

impl Formula<1, 2> for Product {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [x, factor]: [V; 2]) -> [V; 1] {
        [x * factor]
    }
}
