//! Layers that make one of all steps of a sequence.

use crate::infer::{Inferred, Inputs, Node};
use crate::shape::Shape;

/// `[T, F]` → `[F]`, `[T, A, B]` → `[A, B]`.
pub(super) const fn infer<A: Copy>(args: A, x: Inputs) -> Inferred<A> {
    let input = x.shape(0);
    let says = x.says().str("takes the steps of a sequence, [steps, features]");
    let says = x.but_gives(says, 0);
    let rest = if input.rank() < 2 { &[1] } else { input.dims().split_at(1).1 };
    Inferred::new(args, x, Shape::of(rest)).one_input().check(input.rank() >= 2, says)
}

/// Numbers in a sequence, and in one step of it.
pub(super) fn sizes<A>(node: &Node<A>) -> (usize, usize) {
    (node.input.len(), node.output.len())
}
