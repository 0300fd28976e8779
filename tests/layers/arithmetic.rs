//! `Add`, `Mul`, and their operators.

use firmnet::prelude::*;

use super::gradients;

network! {
    struct Sums {}
    fn forward(a: [2], b: [2]) -> ([2], [2], [2]) {
        (a + b, a * b, Add(a, b, a))
    }
}

#[test]
fn sums_and_products() {
    let mut memory = Workspace::new();
    let (sum, product, three) = Sums::ZERO.forward(&([1.0, 2.0], [10.0, -3.0]), &mut memory);
    assert_eq!((*sum, *product, *three), ([11.0, -1.0], [10.0, -6.0], [12.0, 1.0]));
}

network! {
    struct Twice {}
    fn forward(x: [3]) -> [3] { x + x }
}
network! {
    struct Square {}
    fn forward(x: [3]) -> [3] { x * x }
}
network! {
    struct Cube {}
    fn forward(x: [3]) -> [3] { Mul(x, x, x) }
}
network! {
    struct SquareOfNode { fc: Linear(4) }
    fn forward(x: [3]) -> [4] {
        let h = Tanh(fc(x));
        h * h + h
    }
}
network! {
    struct Many { a: Linear(3), b: Linear(3), c: Linear(3) }
    fn forward(x: [3]) -> [3] {
        let p = a(x);
        let q = b(x);
        Mul(p, q, c(q), p) + Add(q, x, q, p)
    }
}

#[test]
fn gradients() {
    gradients::check::<Twice>(2);
    gradients::check::<Square>(2);
    gradients::check::<Cube>(2);
    gradients::check::<SquareOfNode>(3);
    gradients::check::<Many>(3);
}

network! {
    struct Long {}
    fn forward(x: [700]) -> [700] { Mul(x, x, x) }
}

/// Longer than the stretches in which the products are made.
#[test]
fn a_long_product() {
    gradients::check::<Long>(1);
}
