//! Convolution, forward: what four places see is gathered, tap by tap, and multiplied with the weights of four channels at a time.

use super::gather::Gather;
use super::tile::{self, PLACES};
use super::{depthwise, rows};
use crate::kernel::Conv2d;

/// Taps that are gathered at a time. They are on the stack.
const ROOM: usize = 128;

/// Whether gathering is possible: what a place sees of one channel has to find room.
pub(in crate::kernel) fn fits(shape: &Conv2d) -> bool {
    (1..=ROOM).contains(&(shape.kernel[0] * shape.kernel[1]))
}

/// Adds the convolution of one sample to `y`.
#[inline(never)]
pub(in crate::kernel) fn add(shape: &Conv2d, x: &[f32], weight: &[f32], y: &mut [f32]) {
    if depthwise::fits(shape) {
        return depthwise::add(shape, x, weight, y);
    }
    let shape = &as_one_line(shape);
    let groups = shape.groups.max(1);
    let (ins, outs) = (shape.in_channels / groups, shape.out_channels / groups);
    let plane = shape.out_height * shape.out_width;
    let window = shape.kernel[0] * shape.kernel[1];
    let mut room = [[0.0; PLACES]; ROOM];
    let x = x.chunks_exact((ins * shape.height * shape.width).max(1));
    let parts = x.zip(weight.chunks_exact((outs * ins * window).max(1)));
    for ((x, weight), y) in parts.zip(y.chunks_exact_mut((outs * plane).max(1))) {
        let mut part = Part { shape, x, weight, y, ins, outs, plane, window };
        let last = plane - plane % PLACES;
        (0..last).step_by(PLACES).for_each(|at| part.at_four(at, &mut room));
        (last..plane).for_each(|at| part.at_one(at, room.as_flattened_mut()));
    }
}

/// The same convolution, where it sees one place alone and all places in turn, of an image of one line.
fn as_one_line(shape: &Conv2d) -> Conv2d {
    let Conv2d { height, width, out_height, out_width, kernel, stride, padding, .. } = *shape;
    match (kernel, stride, padding) {
        ([1, 1], [1, 1], [0, 0]) => Conv2d {
            height: 1,
            width: height * width,
            out_height: 1,
            out_width: out_height * out_width,
            ..*shape
        },
        _ => *shape,
    }
}

/// A group of channels.
struct Part<'a> {
    shape: &'a Conv2d,
    /// `ins` images.
    x: &'a [f32],
    /// `outs` rows of `ins · window`.
    weight: &'a [f32],
    /// `outs` planes of `plane`.
    y: &'a mut [f32],
    ins: usize,
    outs: usize,
    plane: usize,
    window: usize,
}

impl Part<'_> {
    /// All channels of the four places from `at` on.
    #[inline(always)]
    fn at_four(&mut self, at: usize, room: &mut [[f32; PLACES]]) {
        let Part { ins, outs, plane, window, .. } = *self;
        let taps = ins * window;
        self.gather(at, room, |part, from, x| {
            if at + PLACES > plane || from + x.len() > taps {
                return;
            }
            let (weight, y) = (part.weight.as_ptr(), part.y.as_mut_ptr());
            for o in (0..outs - outs % 4).step_by(4) {
                // SAFETY: there are as many rows of weights and planes.
                unsafe {
                    let (weight, y) = (weight.add(o * taps + from), y.add(o * plane + at));
                    tile::four(weight, taps, x, y, plane);
                }
            }
            for o in outs - outs % 4..outs {
                // SAFETY: the same.
                unsafe { tile::one(weight.add(o * taps + from), x, y.add(o * plane + at)) };
            }
        });
    }

    /// All channels of the place `at`.
    #[inline(never)]
    fn at_one(&mut self, at: usize, room: &mut [f32]) {
        let Part { ins, outs, plane, window, .. } = *self;
        let taps = ins * window;
        self.gather(at, room.as_chunks_mut::<1>().0, |part, from, x| {
            let mut places = part.y.iter_mut().skip(at).step_by(plane.max(1));
            let put = |sum| {
                if let Some(y) = places.next() {
                    *y += sum;
                }
            };
            if from + x.len() <= taps {
                // SAFETY: each of the `outs` rows of weights has `taps` numbers.
                unsafe { rows(outs, part.weight.as_ptr().add(from), taps, x.as_flattened(), put) };
            }
        });
    }

    /// Gathers what the `P` places from `at` on see, in the order of the weights: calls `next(self, from, numbers)`, with the number of taps before
    /// these, until all are through.
    #[inline(always)]
    fn gather<const P: usize>(
        &mut self,
        at: usize,
        room: &mut [[f32; P]],
        mut next: impl FnMut(&mut Self, usize, &[[f32; P]]),
    ) {
        let Conv2d { out_width, .. } = *self.shape;
        let channels = room.len().min(ROOM) / self.window.max(1);
        let mut from = 0;
        while from < self.ins {
            let to = self.ins.min(from + channels);
            let numbers = room.get_mut(..(to - from) * self.window).unwrap_or_default();
            let gather = Gather { shape: self.shape, x: self.x, channels: from..to, apart: P };
            let mut place = 0;
            while place < P {
                let (row, col) = ((at + place) / out_width.max(1), (at + place) % out_width.max(1));
                let four = P == PLACES && place == 0 && col + PLACES <= out_width;
                let numbers = numbers.as_flattened_mut().get_mut(place..).unwrap_or_default();
                place += gather.at([row, col], four, numbers);
            }
            next(self, from * self.window, numbers);
            from = to;
        }
    }
}
