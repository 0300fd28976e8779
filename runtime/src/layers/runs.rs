//! The samples of a batch, those that follow one another and are equally long taken together: what a layer along time works on.

use core::ops::Range;

use crate::infer::Node;
use crate::length::Lengths;
use crate::shape::Shape;

/// Samples of one length.
pub(super) struct Run {
    /// How many there are.
    pub samples: usize,
    /// The shape of each that comes in, and of what it becomes.
    pub input: Shape,
    pub output: Shape,
    /// Where they are.
    pub x: Range<usize>,
    pub y: Range<usize>,
}

/// All runs of a batch of `n`: one, where the shape is fixed.
pub(super) fn runs<A: Copy>(
    node: &Node<A>,
    n: usize,
    lengths: Lengths<'_>,
) -> impl Iterator<Item = Run> {
    let (input, output) = (node.input, node.output);
    let (mut sample, mut x, mut y) = (0, 0, 0);
    core::iter::from_fn(move || {
        let first = sample;
        if first == n {
            return None;
        }
        let steps = lengths.input(0, first);
        let (input, output) = match input.bound() {
            None => {
                sample = n;
                (input, output)
            }
            Some(bound) => {
                while sample < n && lengths.input(0, sample) == steps {
                    sample += 1;
                }
                let becomes = match output.bound() {
                    Some(bound) => output.with(bound.axis, lengths.output(first)),
                    None => output,
                };
                (input.with(bound.axis, steps), becomes)
            }
        };
        let samples = sample - first;
        let run = Run {
            samples,
            input,
            output,
            x: x..x + samples * input.len(),
            y: y..y + samples * output.len(),
        };
        (x, y) = (run.x.end, run.y.end);
        Some(run)
    })
}
