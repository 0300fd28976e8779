//! `BatchNorm1d` and `BatchNorm2d`, in training and in use.

use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::gradients;

network! { struct Plain: [2] -> [2] { bn: BatchNorm1d } }
network! { struct Long: [2, 3] -> [2, 3] { bn: BatchNorm1d(num_features = 2, affine = false, momentum = 0.5) } }
network! { struct Image: [2, 2, 3] -> [2, 2, 3] { bn: BatchNorm2d(eps = 0.5) } }
network! { struct Untracked: [2] -> [2] { bn: BatchNorm1d(track_running_stats = false) } }
network! { struct Bare: [2, 2, 3] -> [2, 2, 3] { bn: BatchNorm2d(affine = false, track_running_stats = false) } }
network! {
    struct Deep: [2, 4, 4] -> [3] {
        conv: Conv2d(3, 3, padding = 1, bias = false), bn1: BatchNorm2d, Tanh,
        Flatten, fc: Linear(3), bn2: BatchNorm1d(affine = false), Sigmoid,
    }
}
network! {
    struct Again { fc: Linear(3), bn: BatchNorm1d }
    fn forward(x: [3]) -> [3] {
        let y = Tanh(bn(fc(x)));
        x + bn(y)
    }
}

fn close(found: f32, expected: f32) {
    assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
}

/// Two batches: what comes out, and where the running statistics go.
#[test]
fn training_moves_the_running_statistics() {
    let (mut memory, mut rng) = (Workspace::new(), SmallRng::seed_from_u64(0));
    let mut net = Plain::boxed(&mut rng);
    assert_eq!((net.bn.weight, net.bn.bias), ([1.0; 2], [0.0; 2]));
    assert_eq!((net.bn.running_mean, net.bn.running_var), ([0.0; 2], [1.0; 2]));
    net.bn.weight = [2.0, 1.0];
    net.bn.bias = [0.0, 5.0];
    // Means 2 and 10, biased variances 2/3 and 0, unbiased 1 and 0.
    let xs = [[1.0, 10.0], [2.0, 10.0], [3.0, 10.0]];
    let pass = net.forward_training(&xs, &mut memory, &mut rng);
    let far = 2.0 / (2.0f32 / 3.0 + 1e-5).sqrt();
    for (y, expected) in pass.output().iter().zip([-far, 0.0, far]) {
        close(y[0], expected);
        close(y[1], 5.0);
    }
    for (found, expected) in [
        (net.bn.running_mean[0], 0.2),
        (net.bn.running_mean[1], 1.0),
        (net.bn.running_var[0], 1.0),
        (net.bn.running_var[1], 0.9),
    ] {
        close(found, expected);
    }
    // Mean 3, unbiased variance 8: a second step from where the first went.
    net.forward_training(&[[1.0, 0.0], [5.0, 0.0]], &mut memory, &mut rng);
    close(net.bn.running_mean[0], 0.9 * 0.2 + 0.1 * 3.0);
    close(net.bn.running_var[0], 0.9 * 1.0 + 0.1 * 8.0);

    // In use, the running ones count, also for a single sample.
    let y = *net.forward(&[1.0, 0.0], &mut memory);
    close(y[0], 2.0 * (1.0 - 0.48) / (1.7f32 + 1e-5).sqrt());
    close(y[1], (0.0 - 0.9) / (0.81f32 + 1e-5).sqrt() + 5.0);
}

#[test]
fn statistics_run_over_positions_too() {
    let (mut memory, mut rng) = (Workspace::new(), SmallRng::seed_from_u64(0));
    let mut net = Long::boxed(&mut rng);
    let xs = [[[1.0, 2.0, 3.0], [0.0; 3]], [[4.0, 5.0, 6.0], [0.0; 3]]];
    let pass = net.forward_training(&xs, &mut memory, &mut rng);
    let var = 35.0f32 / 12.0;
    close(pass.output()[1][0][2], 2.5 / (var + 1e-5).sqrt());
    close(net.bn.running_mean[0], 1.75);
    close(net.bn.running_var[0], 0.5 + 0.5 * 3.5);
    assert_eq!(Long::PARAMETERS, 0);
    assert_eq!(Long::TENSORS.len(), 2);
    assert_eq!(Long::TENSORS[1].name.as_str(), "bn.running_var");
}

#[test]
fn without_running_statistics_a_batch_in_use_has_its_own() {
    let (mut memory, mut rng) = (Workspace::new(), SmallRng::seed_from_u64(0));
    let mut net = Untracked::boxed(&mut rng);
    let xs = [[1.0, 10.0], [2.0, -10.0], [6.0, 10.0]];
    let training = net.forward_training(&xs, &mut memory, &mut rng).output().to_vec();
    assert_eq!(net.forward_batch(&xs, &mut memory), training);
}

/// A single value has no variance: nothing stops, nothing becomes infinite, and the running variance stays.
#[test]
fn a_batch_of_one_value() {
    let (mut memory, mut rng) = (Workspace::new(), SmallRng::seed_from_u64(0));
    let mut net = Plain::boxed(&mut rng);
    net.bn.bias = [3.0, 4.0];
    let (mut grad, mut dx) = (Plain::ZERO, [[9.0; 2]]);
    let mut pass = net.forward_training(&[[7.0, 8.0]], &mut memory, &mut rng);
    assert_eq!(pass.output(), [[3.0, 4.0]]);
    pass.loss_with(|_, dy| dy[0] = [1.0, 1.0]);
    pass.backward_to_input(&net, &mut grad, &mut dx);
    assert_eq!((dx, grad.bn.bias, grad.bn.weight), ([[0.0; 2]], [1.0; 2], [0.0; 2]));
    assert_eq!(net.bn.running_var, [1.0; 2]);
    close(net.bn.running_mean[0], 0.7);
}

#[test]
fn an_empty_batch() {
    let (mut memory, mut rng) = (Workspace::new(), SmallRng::seed_from_u64(0));
    let mut net = Plain::boxed(&mut rng);
    let mut grad = Plain::ZERO;
    net.forward_training(&[], &mut memory, &mut rng).backward(&net, &mut grad);
    assert_eq!((net.bn.running_mean, net.bn.running_var), ([0.0; 2], [1.0; 2]));
    assert_eq!((grad.bn.weight, grad.bn.bias), ([0.0; 2], [0.0; 2]));
}

#[test]
fn gradients() {
    gradients::check::<Plain>(5);
    gradients::check::<Long>(3);
    gradients::check::<Image>(3);
    gradients::check::<Untracked>(4);
    gradients::check::<Bare>(3);
    gradients::check::<Deep>(5);
    gradients::check::<Again>(5);
}

#[test]
fn what_it_costs() {
    assert_eq!((Image::PARAMETERS, Image::MACS), (4, 12));
    assert_eq!((Bare::PARAMETERS, Bare::MACS), (0, 0));
    // In use the output takes the place of the input.
    assert_eq!(Deep::INFERENCE_RAM, (48 + 16) * 4);
}
