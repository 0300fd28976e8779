//! Initialisers: bounds and deviations are those that PyTorch asks its generator for; the numbers have the distribution
//! that they should.

use firmnet::init::{self, Fan, FanMode, Nonlinearity, calculate_gain};
use rand::rand_core::{Infallible, TryRng};
use rand::{SeedableRng, rngs::StdRng};

use super::vectors::{Case, assert_close, cases};

#[test]
fn bounds_are_those_of_pytorch() {
    for case in cases("initialisers.json") {
        let name = case.name();
        match case.text("what") {
            "fan" => {
                let fan = Fan::of(&case.indices("shape"));
                let expected = ["fan_in", "fan_out"].map(|key| case.number(key).unwrap() as usize);
                assert_eq!([fan.fan_in, fan.fan_out], expected, "{name}");
            }
            "gain" => {
                let expected = case.number("gain").unwrap() as f32;
                assert_close(&[calculate_gain(nonlinearity(&case))], &[expected], 1e-6, &name);
            }
            "default" => {
                let fan_in = case.number("fan_in").unwrap() as usize;
                for part in ["weight", "bias"] {
                    let [low, high] =
                        ends(|weights, rng| init::fan_in_uniform(weights, fan_in, rng));
                    assert_close(&[low, high], &case.numbers(part), 1e-6, &name);
                }
            }
            what => {
                let shape = case.indices("shape");
                let gain = case.number("gain").unwrap_or(1.0) as f32;
                let mode = match case.get("mode").and_then(|mode| mode.as_str()) {
                    Some("fan_out") => FanMode::FanOut,
                    _ => FanMode::FanIn,
                };
                let fill = |weights: &mut [f32], rng: &mut dyn rand::Rng| match what {
                    "xavier_uniform" => init::xavier_uniform(weights, &shape, gain, rng),
                    "xavier_normal" => init::xavier_normal(weights, &shape, gain, rng),
                    "kaiming_uniform" => {
                        init::kaiming_uniform(weights, &shape, nonlinearity(&case), mode, rng);
                    }
                    "kaiming_normal" => {
                        init::kaiming_normal(weights, &shape, nonlinearity(&case), mode, rng);
                    }
                    other => panic!("no initialiser {other}"),
                };
                let asked = case.numbers("asked");
                if what.ends_with("uniform") {
                    assert_close(&ends(fill), &asked, 1e-6, &name);
                } else {
                    assert_close(&[0.0, deviation(fill)], &asked, 1e-6, &name);
                }
            }
        }
    }
}

fn nonlinearity(case: &Case) -> Nonlinearity {
    match case.text("nonlinearity") {
        "linear" => Nonlinearity::Linear,
        "sigmoid" => Nonlinearity::Sigmoid,
        "tanh" => Nonlinearity::Tanh,
        "relu" => Nonlinearity::Relu,
        "selu" => Nonlinearity::Selu,
        "leaky_relu" => Nonlinearity::LeakyRelu(case.number("slope").unwrap() as f32),
        other => panic!("no nonlinearity {other}"),
    }
}

/// The lowest and the highest number that a uniform initialiser can give.
fn ends(fill: impl Fn(&mut [f32], &mut dyn rand::Rng)) -> [f32; 2] {
    [0, u32::MAX].map(|word| {
        let mut weights = [f32::NAN];
        fill(&mut weights, &mut Constant(word));
        weights[0]
    })
}

/// By what a normal initialiser multiplies a standard normal number.
fn deviation(fill: impl Fn(&mut [f32], &mut dyn rand::Rng)) -> f32 {
    let (mut standard, mut weights) = ([f32::NAN], [f32::NAN]);
    init::normal(&mut standard, 0.0, 1.0, &mut StdRng::seed_from_u64(7));
    fill(&mut weights, &mut StdRng::seed_from_u64(7));
    weights[0] / standard[0]
}

/// A generator that gives one word over and over.
struct Constant(u32);

impl TryRng for Constant {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.0) << 32 | u64::from(self.0))
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(self.0 as u8);
        Ok(())
    }
}

const DRAWS: usize = 200_001;

/// The Kolmogorov-Smirnov statistic √n·D, above 1.95 once in a thousand times if the numbers have this distribution.
fn distance(numbers: &mut [f32], distribution: impl Fn(f64) -> f64) -> f64 {
    numbers.sort_by(f32::total_cmp);
    let n = numbers.len() as f64;
    let steps = numbers.iter().enumerate().map(|(i, &x)| {
        let expected = distribution(f64::from(x));
        (expected - i as f64 / n).abs().max(((i + 1) as f64 / n - expected).abs())
    });
    n.sqrt() * steps.fold(0.0, f64::max)
}

#[test]
fn uniform_numbers_are_uniform() {
    let mut numbers = vec![0.0; DRAWS];
    init::uniform(&mut numbers, -2.0, 3.0, &mut StdRng::seed_from_u64(1));
    assert!(numbers.iter().all(|x| (-2.0..3.0).contains(x)));
    check_independence(&numbers, 0.5, 25.0 / 12.0);
    let distance = distance(&mut numbers, |x| (x + 2.0) / 5.0);
    assert!(distance < 1.95, "{distance}");
}

#[test]
fn normal_numbers_are_normal() {
    let mut numbers = vec![0.0; DRAWS];
    init::normal(&mut numbers, -1.0, 2.0, &mut StdRng::seed_from_u64(2));
    check_independence(&numbers, -1.0, 4.0);
    // Far out too: of 200,001 numbers about 13 are beyond 4 deviations, 126 of a thousand times 6 or fewer or 22 or more.
    let far = numbers.iter().filter(|&&x| (x + 1.0).abs() > 8.0).count();
    assert!((6..=22).contains(&far), "{far}");
    let distance = distance(&mut numbers, |x| 0.5 * libm::erfc(-(x + 1.0) / 8_f64.sqrt()));
    assert!(distance < 1.95, "{distance}");
}

/// Mean and variance within four of their own deviations, and no number says anything about the next, nor about the one
/// after it.
fn check_independence(numbers: &[f32], mean: f64, variance: f64) {
    let n = numbers.len() as f64;
    let x: Vec<f64> = numbers.iter().map(|&x| f64::from(x) - mean).collect();
    let average = x.iter().sum::<f64>() / n;
    assert!(average.abs() < 4.0 * (variance / n).sqrt(), "mean off by {average}");
    let squares = x.iter().map(|x| x * x).sum::<f64>() / n;
    assert!((squares / variance - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "variance {squares}");
    for lag in [1, 2] {
        let product: f64 = x.iter().zip(&x[lag..]).map(|(a, b)| a * b).sum();
        let correlation = product / (n * variance);
        assert!(correlation.abs() < 4.0 / n.sqrt(), "correlation {correlation}");
    }
}

#[test]
fn orthogonal_vectors_are_orthonormal() {
    for shape in [&[1, 1][..], &[5, 5], &[64, 64], &[10, 128], &[300, 20], &[8, 4, 3, 3], &[3]] {
        let (rows, len) = (shape[0], shape.iter().product::<usize>());
        let cols = len / rows;
        let mut weights = vec![f32::NAN; len];
        init::orthogonal(&mut weights, shape, 2.0, &mut StdRng::seed_from_u64(3));
        // Entry (i, j) of the Gram matrix of the shorter side.
        let place = |vector, k| if rows <= cols { vector * cols + k } else { k * cols + vector };
        for i in 0..rows.min(cols) {
            for j in 0..=i {
                let numbers =
                    |k| (f64::from(weights[place(i, k)]), f64::from(weights[place(j, k)]));
                let dot: f64 = (0..rows.max(cols)).map(numbers).map(|(a, b)| a * b).sum();
                let expected = if i == j { 4.0 } else { 0.0 };
                assert!((dot - expected).abs() < 4e-6, "{shape:?}: ({i}, {j}) gives {dot}");
            }
        }
    }
}

/// Of a random rotation of the plane every direction is as likely, and reflections are as likely as turns.
#[test]
fn orthogonal_matrices_are_spread_evenly() {
    let mut rng = StdRng::seed_from_u64(4);
    let (mut angles, mut turns) = (vec![0.0; 20_000], 0);
    for angle in &mut angles {
        let mut w = [0.0_f32; 4];
        init::orthogonal(&mut w, &[2, 2], 1.0, &mut rng);
        *angle = w[1].atan2(w[0]);
        turns += usize::from(w[0] * w[3] > w[1] * w[2]);
    }
    let distance = distance(&mut angles, |x| 0.5 + x / std::f64::consts::TAU);
    assert!(distance < 1.95, "{distance}");
    assert!((9_700..10_300).contains(&turns), "{turns}");
}

/// A generator that is stuck makes a poor network, not one that hangs or holds what is no number.
#[test]
fn a_broken_generator_is_survived() {
    for word in [0, 1 << 31, u32::MAX] {
        let mut weights = [f32::NAN; 12];
        init::normal(&mut weights, 0.0, 1.0, &mut Constant(word));
        assert!(weights.iter().all(|w| w.is_finite()));
        init::orthogonal(&mut weights, &[3, 4], 1.0, &mut Constant(word));
        assert!(weights.iter().all(|w| w.is_finite()));
    }
}

#[test]
fn the_same_seed_gives_the_same_numbers() {
    let draw = |seed| {
        let mut weights = [0.0; 50];
        init::kaiming_normal(
            &mut weights,
            &[5, 10],
            Nonlinearity::Relu,
            FanMode::FanIn,
            &mut StdRng::seed_from_u64(seed),
        );
        weights
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}
