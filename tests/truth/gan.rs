//! A generator and a discriminator, a step of each in turn, as the example `gan` takes them, against PyTorch's.

#[path = "../../examples/gan/adversaries.rs"]
mod adversaries;

use adversaries::{Average, Gan, GanLoss, Player, gradient_penalty};
use clap::ValueEnum;
use firmnet::prelude::*;
use firmnet::sample::Sample;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::vectors::{Case, assert_close, cases};

network! {
    pub struct Generator: [3] -> [3, 4] {
        fc1: Linear(8), LeakyReLU(0.2),
        fc2: Linear(12), Tanh, Reshape([3, 4]),
    }
}

network! {
    pub struct Discriminator: [3, 4] -> [1] {
        Flatten,
        fc1: Linear(8), LeakyReLU(0.2),
        fc2: Linear(1),
    }
}

#[test]
fn three_steps_in_turn_are_pytorchs() {
    let mut losses = vec![];
    for case in cases("gan.json") {
        let loss = GanLoss::from_str(case.text("loss"), false).unwrap();
        let adam = Adam::new(1e-2).betas(0.5, 0.999);
        let generator = read::<Generator>(&case, "generator");
        let mut gan = Gan {
            average: Average::new(&*generator, 0.0),
            generator: Player::new(generator, adam),
            discriminator: Player::new(read::<Discriminator>(&case, "discriminator"), adam),
            loss,
        };
        let mut rng = StdRng::seed_from_u64(0);
        for step in 0..3 {
            let expected = case.part(&format!("step {step}"));
            let [real, noise, own_noise] =
                ["real", "noise", "own_noise"].map(|key| expected.numbers(key));
            let d_loss =
                gan.discriminator_step(Sample::group(&real), Sample::group(&noise), &mut rng);
            let g_loss = gan.generator_step(Sample::group(&own_noise), &mut rng);
            let what = format!("{loss:?}, step {step}");
            let number = |key: &str| [expected.number(key).unwrap() as f32];
            assert_close(&[d_loss], &number("discriminator_loss"), 1e-6, &what);
            assert_close(&[g_loss], &number("generator_loss"), 1e-6, &what);
            same(&*gan.discriminator.net, &expected, "discriminator", 1e-5, &what);
            same(&*gan.generator.net, &expected, "generator", 1e-5, &what);
            same(&*gan.average.net, &expected, "generator", 1e-5, &what);
        }
        losses.push(loss);
    }
    assert_eq!(losses, [GanLoss::Saturating, GanLoss::NonSaturating, GanLoss::Smooth]);
}

/// By two more passes and no second derivative, so the gradient is near PyTorch's as a difference of `f32` is.
#[test]
fn the_gradient_of_the_penalty_is_that_of_double_backward() {
    for case in cases("gradient_penalty.json") {
        let mut d = Player::new(read::<Discriminator>(&case, "discriminator"), Adam::new(1e-3));
        let x = case.numbers("x");
        let mut rng = StdRng::seed_from_u64(0);
        let loss = gradient_penalty(&mut d, 10.0, Sample::group(&x), &mut rng);
        let what = format!("scale {}", case.number("scale").unwrap());
        assert_close(&[loss], &[case.number("loss").unwrap() as f32], 1e-5, &what);
        same(&*d.grad, &case, "gradients", 2e-4, &what);
    }
}

/// The network whose parameters `case` has under `key`.
fn read<N: Network>(case: &Case, key: &str) -> Box<N> {
    let mut net = N::boxed_zero();
    for (i, (tensor, numbers)) in in_order::<N>(case, key).into_iter().enumerate() {
        assert_eq!(net.tensor(i).len(), numbers.len(), "{tensor}");
        net.tensor_mut(i).copy_from_slice(&numbers);
    }
    net
}

#[track_caller]
fn same<N: Network>(net: &N, case: &Case, key: &str, tolerance: f32, what: &str) {
    let tensors = in_order::<N>(case, key);
    // A tensor of nothing but rounding has no scale of its own, so all share the largest.
    let scale =
        tensors.iter().flat_map(|(_, numbers)| numbers).fold(0.0_f32, |s, x| s.max(x.abs()));
    for (i, (tensor, expected)) in tensors.iter().enumerate() {
        let with_scale = |numbers: &[f32]| [numbers, &[scale]].concat();
        let what = format!("{what}: {key}, {tensor}");
        assert_close(&with_scale(net.tensor(i)), &with_scale(expected), tolerance, &what);
    }
}

/// The tensors of `case` under `key`, in the order of the network's own.
fn in_order<N: Network>(case: &Case, key: &str) -> Vec<(String, Vec<f32>)> {
    let named = case.dictionary(key);
    assert_eq!(named.len(), N::TENSORS.len(), "{key}");
    let find = |name: &str| named.iter().find(|(found, _)| found == name).cloned();
    N::TENSORS.iter().map(|tensor| find(tensor.name.as_str()).expect(key)).collect()
}
