//! Backward through a stack of recurrent layers.

use super::Stacked;
use super::forward::{Initial, both};
use super::sizes::{Room, Sizes};
use super::stacked::recurrence;
use crate::infer::Node;
use crate::kernel::{
    Formula, RecurrentBackward, Rows, RowsMut, Steps, Vector, add_rows, copy_rows, each,
    recurrent_backward,
};
use crate::layer::Backward;
use crate::pack::PackRef;

/// Adds to the gradients by the inputs and by the parameters what follows from that by the output.
pub(crate) fn backward<L: Stacked>(
    layer: &L,
    node: &Node<L::Args>,
    call: Backward<'_>,
    grad: &mut L,
) {
    let stack = L::stack(node);
    let (n, sizes) = (call.n, Sizes::of(&stack, &node.input));
    let (h, d, layers) = (sizes.hidden, stack.directions(), stack.layers());
    let lengths = call.lengths;
    let of = |i| if stack.one_step { 1 } else { lengths.input(0, i) };
    let steps = Steps { n, of: &of };
    let total = steps.total();
    let ([mut dx_0, mut dx_h, mut dx_c, ..], together) = (call.dx, both(&stack, &call.x));

    let mut kept = Room { memory: call.kept, n };
    let kept_gates = kept.take(sizes.kept_gates());
    let all_cs = kept.take(sizes.all * sizes.cs);
    let outputs = kept.take(sizes.kept_outputs * sizes.output);
    let (masks, dropped) =
        (kept.take(sizes.dropped * sizes.output), kept.take(sizes.dropped * sizes.output));
    let mut scratch = Room { memory: call.scratch, n };
    let spare_gates = scratch.take(if sizes.keeps_gates { 0 } else { sizes.gates });
    let (before, dh, dc) = (scratch.take(sizes.steps), scratch.take(h), scratch.take(sizes.c));
    let inner = scratch.take(sizes.inner * sizes.output);

    // What layer `l` gave, and what came of it: the first `total` steps of a piece as long as the longest sequences would need.
    let (piece, used) = (n * sizes.output, total * d * h);
    let initial = Initial::of(&stack, &call.x);
    for l in (0..layers).rev() {
        let top = l + 1 == layers;
        let y = if top && !stack.last { call.y } else { &outputs[l * piece..][..used] };
        let x = match l.checked_sub(1) {
            None => call.x[0],
            Some(below) if sizes.dropped > 0 => &dropped[below * piece..][..used],
            Some(below) => &outputs[below * piece..][..used],
        };
        let (below, above) = inner.split_at_mut((l * piece).min(sizes.inner * piece));
        let dy = match (top, stack.last) {
            (true, true) => None,
            (true, false) => Some(call.dy),
            _ => Some(&above[..used]),
        };
        let mut dx = match l.checked_sub(1) {
            None => dx_0.as_deref_mut(),
            Some(under) => {
                let dx = &mut below[under * piece..][..used];
                dx.fill(0.0);
                Some(dx)
            }
        };
        for direction in 0..d {
            let i = l * d + direction;
            let along = |data| Rows { data, stride: d * h, offset: direction * h };
            dh.fill(0.0);
            dc.fill(0.0);
            if top && stack.last {
                let stride = node.output.len();
                copy_rows(n, h, &call.dy[direction * h..], stride, dh, h);
                if stack.one_step && sizes.c > 0 {
                    copy_rows(n, h, &call.dy[h..], stride, dc, h);
                }
            }
            let gates = if sizes.keeps_gates {
                &mut kept_gates[i * n * sizes.gates..][..n * sizes.gates]
            } else {
                &mut *spare_gates
            };
            let back = RecurrentBackward {
                x,
                y: along(y),
                h0: initial.h(i),
                c0: initial.c(i),
                gates,
                cs: &all_cs[i * n * sizes.cs..][..if sizes.c > 0 { total * h } else { 0 }],
                dy: dy.map(along),
                dh: RowsMut { data: dh, stride: h, offset: 0 },
                dc: RowsMut { data: dc, stride: sizes.c, offset: 0 },
                before,
                dx: dx.as_deref_mut(),
            };
            let recurrence = recurrence(layer, &stack, node, PackRef::NOTHING, i);
            recurrent_backward(&recurrence, steps, back, grad.gradients(i));
            match (&mut dx_h, &mut dx_c) {
                (Some(dx), _) if together => {
                    add_rows(n, h, dh, h, dx, 2 * h);
                    add_rows(n, h, dc, h, &mut dx[h..], 2 * h);
                }
                (dx_h, dx_c) => {
                    let stride = stack.all() * h;
                    if let Some(dx) = dx_h {
                        add_rows(n, h, dh, h, &mut dx[i * h..], stride);
                    }
                    if let Some(dx) = dx_c {
                        add_rows(n, h, dc, h, &mut dx[i * h..], stride);
                    }
                }
            }
        }
        if let Some(under) = l.checked_sub(1).filter(|_| sizes.dropped > 0) {
            let (dx, mask) = (&mut below[under * piece..][..used], &masks[under * piece..][..used]);
            each([dx], [mask], &Multiplied);
        }
    }
}

/// x ← factor · x
struct Multiplied;

impl Formula<1, 1> for Multiplied {
    #[inline(always)]
    fn at<V: Vector>(&self, [x]: [V; 1], [factor]: [V; 1]) -> [V; 1] {
        [x * factor]
    }
}
