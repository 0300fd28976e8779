//! What all paddings of images share: their shape rule and their passes.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{self, Pad2d};
use crate::layer::{Backward, Forward};
use crate::shape::Shape;

/// `[C, H, W]` → `[C, H + top + bottom, W + left + right]`, with the sides as PyTorch orders them: left, right, top, bottom.
pub(super) const fn infer<A: Copy>(args: A, sides: Option<[usize; 4]>, x: Inputs) -> Inferred<A> {
    let (input, [left, right, top, bottom]) = (x.shape(0), of(sides));
    let (height, width) = (input.dim(1) + top + bottom, input.dim(2) + left + right);
    let needs = x.says().str("needs the argument padding: one number, or four");
    Inferred::new(args, x, Shape::of(&[input.dim(0), height, width]))
        .one_input()
        .image()
        .argument(sides.is_some(), needs)
}

/// The sides; none where none are given, which is a fault.
pub(super) const fn of(sides: Option<[usize; 4]>) -> [usize; 4] {
    match sides {
        Some(sides) => sides,
        None => [0; 4],
    }
}

/// Writes `y`.
pub(super) fn forward<A>(
    node: &Node<A>,
    sides: Option<[usize; 4]>,
    reflect: bool,
    call: Forward<'_>,
) {
    let planes = call.n * node.input.dim(0);
    kernel::pad2d(&shape(node, sides, reflect), planes, call.x[0], call.y);
}

/// Adds to `dx`.
pub(super) fn backward<A>(
    node: &Node<A>,
    sides: Option<[usize; 4]>,
    reflect: bool,
    call: Backward<'_>,
) {
    let planes = call.n * node.input.dim(0);
    if let [Some(dx), ..] = call.dx {
        kernel::pad2d_backward(&shape(node, sides, reflect), planes, call.dy, dx);
    }
}

fn shape<A>(node: &Node<A>, sides: Option<[usize; 4]>, reflect: bool) -> Pad2d {
    Pad2d { height: node.input.dim(1), width: node.input.dim(2), sides: of(sides), reflect }
}
