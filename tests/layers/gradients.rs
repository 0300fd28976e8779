//! The gradient that backward finds, against the slope that forward has.

use firmnet::batch::{Input, Output};
use firmnet::prelude::*;
use firmnet::sample::Sample;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

/// Checks every gradient of a network in training, by the parameters and by the inputs, on a batch of `n`.
///
/// The loss is `Σ w y` with random `w`; its slope is taken by central differences, in which a step of `2⁻⁷` is exact.
pub fn check<N>(n: usize)
where
    N: Network<Output: Sample, Input: Sample>,
    for<'a> N::Input: Input<Batch<'a> = &'a [N::Input], BatchMut<'a> = &'a mut [N::Input]>,
    for<'a> N::Output: Output<Batch<'a> = &'a [N::Output], BatchMut<'a> = &'a mut [N::Output]>,
{
    let mut rng = SmallRng::seed_from_u64(7);
    let mut net = N::boxed(&mut rng);
    // Away from what initialisation sets to zero or one.
    for i in 0..N::TENSORS.len() {
        if N::TENSORS[i].trained {
            net.tensor_mut(i).iter_mut().for_each(|p| *p += rng.random_range(-0.3..0.3));
        }
    }
    let mut xs = vec![N::Input::ZERO; n];
    // No two alike: a maximum must not change hands within a step.
    let x = N::Input::flatten_mut(&mut xs);
    let len = x.len() as f32;
    x.iter_mut().enumerate().for_each(|(i, x)| *x = (2.0 * i as f32 + 1.0) / len - 1.0);
    x.shuffle(&mut rng);
    let mut weights = vec![N::Output::ZERO; n];
    N::Output::flatten_mut(&mut weights).iter_mut().for_each(|w| *w = rng.random_range(-1.0..1.0));
    let weights = N::Output::flatten(&weights);

    let mut memory = Workspace::new();
    // Running statistics move with every pass, but no pass in training reads them.
    let mut loss = |net: &mut N, xs: &[N::Input]| {
        let pass = net.forward_training(xs, &mut memory, &mut SmallRng::seed_from_u64(3));
        let y = N::Output::flatten(pass.output());
        y.iter().zip(weights).map(|(y, w)| f64::from(y * w)).sum::<f64>()
    };
    let slope = |at: &mut dyn FnMut(f32) -> f64| {
        let step = 1.0 / 128.0;
        (at(step) - at(-step)) / f64::from(2.0 * step)
    };

    let (mut grad, mut dx) = (N::boxed_zero(), vec![N::Input::ZERO; n]);
    let mut memory = Workspace::new();
    // Nothing is said about what memory holds before.
    memory.room(N::TRAINING.len(n)).fill(f32::NAN);
    let mut pass = net.forward_training(&xs, &mut memory, &mut SmallRng::seed_from_u64(3));
    pass.loss_with(|_, dy| N::Output::flatten_mut(dy).copy_from_slice(weights));
    pass.backward_to_input(&net, &mut grad, &mut dx);
    // That of the input alone is the same.
    let (mut room, mut alone) = (N::boxed_zero(), vec![N::Input::ZERO; n]);
    let mut pass = net.forward_training(&xs, &mut memory, &mut SmallRng::seed_from_u64(3));
    pass.loss_with(|_, dy| N::Output::flatten_mut(dy).copy_from_slice(weights));
    pass.input_gradient(&net, &mut room, &mut alone);
    assert_eq!(N::Input::flatten(&alone), N::Input::flatten(&dx));

    for (i, tensor) in N::TENSORS.iter().enumerate() {
        for at in 0..net.tensor(i).len() {
            let value = net.tensor(i)[at];
            let expected = slope(&mut |step| {
                net.tensor_mut(i)[at] = value + step;
                loss(&mut net, &xs)
            });
            net.tensor_mut(i)[at] = value;
            let expected = if tensor.trained { expected } else { 0.0 };
            close(tensor.name.as_str(), at, grad.tensor(i)[at], expected);
        }
    }
    let dx = N::Input::flatten(&dx);
    for (at, &found) in dx.iter().enumerate() {
        let value = N::Input::flatten(&xs)[at];
        let expected = slope(&mut |step| {
            N::Input::flatten_mut(&mut xs)[at] = value + step;
            loss(&mut net, &xs)
        });
        N::Input::flatten_mut(&mut xs)[at] = value;
        close("the input", at, found, expected);
    }
}

fn close(name: &str, at: usize, found: f32, expected: f64) {
    let error = (f64::from(found) - expected).abs();
    assert!(
        error < 2e-3 * expected.abs().max(1.0),
        "{name}[{at}]: {found}, but the slope is {expected}"
    );
}
