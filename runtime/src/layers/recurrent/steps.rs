//! Forward in use, step by step: in little code, in which nothing can panic, for where there is no `std`; and of small layers that are packed.

use core::mem::take;

use super::Stacked;
use super::forward::Initial;
use super::sizes::Sizes;
use super::stacked::recurrence;
use crate::check::split;
use crate::infer::Node;
use crate::kernel::Rows;
use crate::layer::Forward;

/// Sample by sample, layer by layer, and each step by step.
pub(super) fn step_by_step<L: Stacked>(layer: &L, node: &Node<L::Args>, call: Forward<'_>) {
    let stack = L::stack(node);
    let sizes = Sizes::of(&stack, &node.input);
    let (h, d, layers) = (sizes.hidden, stack.directions(), stack.layers());
    let initial = Initial::of(&stack, &call.x);
    let (gates, rest) = split(call.scratch, stack.cell.width() * h);
    let (fresh_h, rest) = split(rest, h);
    let (fresh_c, inner) = split(rest, sizes.c);
    let streams = !call.state.is_empty();
    let (state_h, state_c) = split(call.state, if streams { call.n * layers * h } else { 0 });

    let (mut xs, mut ys) = (call.x[0], call.y);
    for sample in 0..call.n {
        let steps = if stack.one_step { 1 } else { call.lengths.input(0, sample) };
        let x_len = steps * stack.features(&node.input);
        let (mut x, later) = xs.split_at_checked(x_len).unwrap_or_default();
        let y_len = if stack.last { node.output.len() } else { steps * d * h };
        let (y, rest) = split(take(&mut ys), y_len);
        (xs, ys) = (later, rest);
        let mut y = Some(y);
        let mut outputs = inner.chunks_exact_mut(sizes.output.max(1));
        for l in 0..layers {
            let top = l + 1 == layers;
            let out = if top { y.take() } else { outputs.next() }.unwrap_or_default();
            for direction in 0..d {
                let i = l * d + direction;
                let (h_, c_) = if streams {
                    let first = (sample * layers + l) * h;
                    (piece(state_h, first, h), piece(state_c, first, sizes.c))
                } else {
                    begin(fresh_h, initial.h(i), sample);
                    begin(fresh_c, initial.c(i), sample);
                    (&mut *fresh_h, &mut *fresh_c)
                };
                let recurrence = recurrence(layer, &stack, node, call.packed, i);
                let inputs = recurrence.inputs;
                for step in 0..steps {
                    let at = if recurrence.reverse { steps - 1 - step } else { step };
                    let x = x.get(at * inputs..(at + 1) * inputs).unwrap_or_default();
                    (L::STEP)(&recurrence, x, h_, c_, gates);
                    if !(top && stack.last) {
                        copy(h_, piece(out, (at * d + direction) * h, h));
                    }
                }
                if top && stack.last {
                    copy(h_, piece(out, direction * h, h));
                    if stack.one_step {
                        copy(c_, piece(out, h, sizes.c));
                    }
                }
            }
            x = out;
        }
    }
}

/// `len` numbers from `first` on.
fn piece(numbers: &mut [f32], first: usize, len: usize) -> &mut [f32] {
    split(split(numbers, first).1, len).0
}

/// Sets the state of a sample to that given, or to zeros.
fn begin(state: &mut [f32], given: Option<Rows<'_>>, sample: usize) {
    state.fill(0.0);
    if let Some(Rows { data, stride, offset }) = given {
        copy(data.get(sample * stride + offset..).unwrap_or_default(), state);
    }
}

fn copy(from: &[f32], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}
