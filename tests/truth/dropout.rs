//! Dropout cannot draw the numbers of PyTorch, but must have their distribution, and the same ones backward as forward.

use firmnet::prelude::*;
use firmnet::sample::Sample;
use rand::SeedableRng;
use rand::rngs::SmallRng;

network! { struct Quarter: [10_000] -> [10_000] { Dropout(0.25) } }
network! { struct All: [100] -> [100] { Dropout(1.0) } }
network! { struct Channels: [500, 2, 3] -> [500, 2, 3] { Dropout2d(0.75) } }
// Where dropout may overwrite its input, and the gradient of its output.
network! { struct Between: [10_000] -> [10_000] { Transpose(0, 0), Dropout(0.25), Transpose(0, 0) } }
network! {
    struct ChannelsBetween: [500, 2, 3] -> [500, 2, 3] { Transpose(0, 0), Dropout2d(0.75), Transpose(0, 0) }
}

/// What a batch of ones becomes with the generator of this seed. Backward makes the same of them.
fn factors<N, const AXIS: usize, T>(seed: u64, n: usize) -> Vec<f32>
where
    T: Sample,
    N: Network<Input = [T; AXIS], Output = [T; AXIS]>,
{
    let (mut net, mut memory) = (N::boxed_zero(), Workspace::new());
    let mut x = vec![<[T; AXIS]>::ZERO; n];
    <[T; AXIS]>::flatten_mut(&mut x).fill(1.0);
    assert_eq!(
        <[T; AXIS]>::flatten(net.forward_batch(&x, &mut memory)),
        <[T; AXIS]>::flatten(&x),
        "nothing is left out in use"
    );
    let mut pass = net.forward_training(&x, &mut memory, &mut SmallRng::seed_from_u64(seed));
    let y = <[T; AXIS]>::flatten(pass.output()).to_vec();
    pass.loss_with(|_, dy| <[T; AXIS]>::flatten_mut(dy).fill(1.0));
    let (mut grad, mut dx) = (N::boxed_zero(), x.clone());
    pass.backward_to_input(&net, &mut grad, &mut dx);
    assert_eq!(<[T; AXIS]>::flatten(&dx), y, "backward leaves out what forward did");
    y
}

/// How often `event` is true, which should be so with probability `p`: within five deviations.
fn assert_frequent(events: impl ExactSizeIterator<Item = bool>, p: f64, what: &str) {
    let n = events.len() as f64;
    let found = events.filter(|event| *event).count() as f64;
    let deviations = (found - n * p).abs() / (n * p * (1.0 - p)).sqrt();
    assert!(deviations < 5.0, "{what}: {found} of {n}, {deviations:.1} deviations from {p}");
}

fn check(draw: impl Fn(u64) -> Vec<f32>, p: f64, what: &str) {
    let (y, scale) = (draw(1), (1.0 / (1.0 - p)) as f32);
    assert!(y.iter().all(|&y| y == 0.0 || y == scale), "{what}: 0 or 1 / (1 − p)");
    assert_eq!(draw(1), y, "{what}: the same seed draws the same");
    let zero = |i: usize| y[i] == 0.0;
    assert_frequent((0..y.len()).map(zero), p, what);
    // Neither neighbours nor samples nor calls have anything to do with one another.
    let other = draw(2);
    assert_frequent((0..y.len()).map(|i| zero(i) && other[i] == 0.0), p * p, "two calls");
    for apart in [1, 2, 8, 16, y.len() / 3] {
        let pairs = (0..y.len() - apart).map(|i| zero(i) && zero(i + apart));
        assert_frequent(pairs, p * p, &format!("{what}, {apart} apart"));
    }
}

#[test]
fn leaves_out_numbers() {
    check(|seed| factors::<Quarter, _, _>(seed, 3), 0.25, "numbers");
    check(|seed| factors::<Between, _, _>(seed, 3), 0.25, "numbers between layers");
    assert_eq!(factors::<All, _, _>(0, 2), [0.0; 200]);
}

#[test]
fn leaves_out_channels() {
    let channels = |y: Vec<f32>| -> Vec<f32> {
        let (channels, rest) = y.as_chunks::<6>();
        assert!(rest.is_empty() && channels.iter().all(|c| c.iter().all(|y| *y == c[0])));
        channels.iter().map(|channel| channel[0]).collect()
    };
    check(|seed| channels(factors::<Channels, _, _>(seed, 30)), 0.75, "channels");
    check(|seed| channels(factors::<ChannelsBetween, _, _>(seed, 30)), 0.75, "channels between");
}
