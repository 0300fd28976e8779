//! Gradients of losses against differences of their values, on shapes and arguments that the vectors have not.
//!
//! A difference over a step h, extrapolated from h and 2h (Richardson), is off by the fifth derivative times h⁴, and by
//! the rounding of the two values, about 1e-7 / h. With h = 0.02 both are below 1e-4 of the size of the derivative.

use firmnet::loss::*;
use firmnet::sample::Sample;
use rand::{RngExt, SeedableRng, rngs::StdRng};

const STEP: f32 = 0.02;
const TOLERANCE: f32 = 1e-4;

/// The derivative along random directions, from the gradient and from values.
fn check<Y: Sample, T>(loss: impl Loss<Y, T>, y: &[Y], targets: &[T]) {
    let mut rng = StdRng::seed_from_u64(0);
    let mut dy = y.to_vec();
    loss.loss(y, targets, &mut dy);
    for _ in 0..8 {
        let along: Vec<f32> = Y::flatten(y).iter().map(|_| rng.random_range(-1.0..1.0)).collect();
        let value = |h: f32| {
            let mut moved = y.to_vec();
            Y::flatten_mut(&mut moved).iter_mut().zip(&along).for_each(|(y, a)| *y += h * a);
            f64::from(loss.value(&moved, targets))
        };
        let slope = |h: f32| (value(h) - value(-h)) / f64::from(2.0 * h);
        let numeric = (4.0 * slope(STEP) - slope(2.0 * STEP)) / 3.0;
        let terms = Y::flatten(&dy).iter().zip(&along).map(|(g, a)| f64::from(g * a));
        let (analytic, size) =
            terms.fold((0.0, 0.0), |(sum, size): (f64, f64), x| (sum + x, size + x.abs()));
        let near = (numeric - analytic).abs() <= f64::from(TOLERANCE) * size.max(0.1);
        assert!(near, "{numeric} by values, {analytic} by the gradient, of {size}");
    }
}

/// Numbers from `low` to `high`, always the same.
fn numbers<const N: usize>(samples: usize, low: f32, high: f32) -> Vec<[f32; N]> {
    let mut rng = StdRng::seed_from_u64(N as u64);
    (0..samples).map(|_| std::array::from_fn(|_| rng.random_range(low..high))).collect()
}

#[test]
fn of_classes() {
    let (y, targets) = (numbers::<3>(5, -2.0, 2.0), [2_u8, 0, 1, 9, 0]);
    for label_smoothing in [0.0, 0.3] {
        let loss = CrossEntropyLoss::new().label_smoothing(label_smoothing).ignore_index(9);
        check(loss, &y, &targets);
        check(loss.weight([1.0, 0.5, 3.0]), &y, &targets);
        check(loss.reduction(Reduction::BatchMean), &y, &targets);
    }
    check(NllLoss::new().ignore_index(9).weight([1.0, 0.5, 3.0]), &y, &targets);
    check(CrossEntropyLoss::new(), &numbers::<1000>(2, -2.0, 2.0), &[999_u16, 0]);
}

#[test]
fn of_numbers() {
    // Images of two channels, far from where |y − t| has its corners.
    let images = |low, high| -> Vec<[[[f32; 3]; 3]; 2]> {
        <[[[f32; 3]; 3]; 2]>::group(numbers::<18>(3, low, high).as_flattened()).to_vec()
    };
    let (y, t) = (images(0.2, 0.8), images(-3.0, -2.0));
    check(MseLoss::new(), &y, &t);
    check(L1Loss::new(), &y, &t);
    check(SmoothL1Loss::new().beta(8.0), &y, &t);
    check(HuberLoss::new().delta(1.5), &y, &t);
    check(BceLoss::new(), &y, &images(0.0, 1.0));
    check(BceWithLogitsLoss::new(), &y, &images(0.0, 1.0));
    check(BceWithLogitsLoss::new().pos_weight(images(0.5, 4.0)[0]), &y, &images(0.0, 1.0));
    check(KlDivLoss::new().reduction(Reduction::BatchMean), &t, &images(0.0, 1.0));
    check(KlDivLoss::new().log_target(true), &t, &y);
    // A single number a sample.
    check(MseLoss::new(), &[0.5_f32, -1.5], &[1.0, 1.0]);
}
