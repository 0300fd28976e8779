//! Layers that make one of all steps of a sequence.

use core::ops::Range;

use crate::infer::{Inferred, Inputs, Node};
use crate::layers::runs::runs;
use crate::length::Lengths;
use crate::shape::Shape;

/// `[T, F]` → `[F]`, `[T, A, B]` → `[A, B]`.
pub(super) const fn infer<A: Copy>(args: A, x: Inputs) -> Inferred<A> {
    let input = x.shape(0);
    let says = x.says().str("takes the steps of a sequence, [steps, features]");
    let says = x.but_gives(says, 0);
    let rest = if input.rank() < 2 { &[1] } else { input.dims().split_at(1).1 };
    let first = input.bound().is_none() || input.is_bounded_at(0);
    Inferred::new(args, x, Shape::of(rest))
        .one_input()
        .any_length()
        .check(input.rank() >= 2, says)
        .check(first, says.str("; `Transpose` brings the steps to the front"))
}

/// Where the steps of each sample are.
pub(super) fn samples<A: Copy>(
    node: &Node<A>,
    n: usize,
    lengths: Lengths<'_>,
) -> impl Iterator<Item = Range<usize>> {
    runs(node, n, lengths).flat_map(|run| {
        let len = run.input.len();
        (0..run.samples).map(move |i| run.x.start + i * len..run.x.start + (i + 1) * len)
    })
}
