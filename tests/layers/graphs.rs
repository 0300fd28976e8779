//! Networks in which values meet: what is shared, overwritten, never used, or only another name for an input.

use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::gradients;

network! { struct Flat: [2, 3] -> [6] { Flatten } }
network! { struct First: [2, 3] -> [4] { Flatten, Dropout(0.0), fc: Linear(4), Tanh } }
network! {
    struct Names {}
    fn forward(x: [2, 3]) -> [12] { Concat(Flatten(x), Reshape([6])(Identity(x))) * Concat(Flatten(x), Flatten(x)) }
}
network! {
    struct NamesOfNode { fc: Linear(4) }
    fn forward(x: [3]) -> [2, 2] {
        let h = Reshape([2, 2])(fc(x));
        Mul(h, Identity(h), Transpose(0, 1)(h)) + h
    }
}
network! {
    struct Both { fc: Linear(4) }
    fn forward(x: [4]) -> ([4], [2, 2]) {
        let y = Reshape([2, 2])(x);
        (fc(Flatten(y)), y)
    }
}
network! {
    struct Idle { used: Linear(3), idle: Linear(3) }
    fn forward(x: [3]) -> [3] {
        let h = Tanh(used(x));
        let _aside = idle(Sigmoid(h));
        h
    }
}
network! {
    struct Overwritten { a: Linear(4), b: Linear(4) }
    fn forward(x: [3]) -> [4] {
        let h = a(x);
        let y = b(h);
        ReLU(h) + Tanh(y) + y
    }
}

#[test]
fn a_view_of_the_input_costs_nothing() {
    let x = [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]];
    let mut memory = Workspace::new();
    assert_eq!(*Flat::ZERO.forward(&x, &mut memory), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    // The output of `fc`, which `Tanh` overwrites.
    assert_eq!(First::INFERENCE.nodes[0].y, firmnet::plan::Place::Input(0));
    assert_eq!(First::INFERENCE.per_sample, 4usize.next_multiple_of(firmnet::plan::ALIGN));
}

#[test]
fn an_output_may_be_a_view_of_the_input() {
    let mut memory = Workspace::new();
    let mut rng = SmallRng::seed_from_u64(0);
    let mut net = Both::boxed(&mut rng);
    let x = [[1.0, 2.0, 3.0, 4.0]];
    assert_eq!(net.forward(&x[0], &mut memory).1, &[[1.0, 2.0], [3.0, 4.0]]);
    let (mut grad, mut dx) = (Both::ZERO, [[0.0; 4]]);
    let mut pass = net.forward_training(&x, &mut memory, &mut rng);
    pass.loss_with(|_, (a, b)| (a[0], b[0]) = ([1.0; 4], [[10.0, 20.0], [30.0, 40.0]]));
    pass.backward_to_input(&net, &mut grad, &mut dx);
    for (i, dx) in dx[0].iter().enumerate() {
        let through: f32 = net.fc.weight.iter().map(|row| row[i]).sum();
        let expected = through + 10.0 * (i + 1) as f32;
        assert!((dx - expected).abs() < 1e-5, "{dx} is not {expected}");
    }
}

/// What nothing depends on has no gradient, whatever its memory holds.
#[test]
fn a_value_that_is_never_used() {
    gradients::check::<Idle>(2);
}

#[test]
fn gradients() {
    gradients::check::<Flat>(2);
    gradients::check::<First>(2);
    gradients::check::<Names>(2);
    gradients::check::<NamesOfNode>(2);
    gradients::check::<Overwritten>(2);
}
