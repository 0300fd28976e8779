//! Losses against PyTorch: values and gradients within 1e-6 of their scale.

use firmnet::loss::*;
use firmnet::sample::Sample;

use super::vectors::{Case, assert_close, cases};

const TOLERANCE: f32 = 1e-6;

#[test]
fn losses_are_those_of_pytorch() {
    for case in cases("losses.json") {
        match case.width("y") {
            5 => check::<5>(&case),
            6 => check::<6>(&case),
            130 => check::<130>(&case),
            150 => check::<150>(&case),
            width => panic!("no test for {width} numbers a sample"),
        }
    }
}

/// One case with samples of `N` numbers.
fn check<const N: usize>(case: &Case) {
    let arguments = case.part("arguments");
    let reduction = match arguments.get("reduction").map(|name| name.as_str().unwrap()) {
        None | Some("mean") => Reduction::Mean,
        Some("sum") => Reduction::Sum,
        Some("batchmean") => Reduction::BatchMean,
        Some(other) => panic!("no reduction {other}"),
    };
    let number = |key, otherwise| arguments.number(key).map_or(otherwise, |x| x as f32);
    let array = |key| *<[f32; N]>::group(&arguments.numbers(key)).first().expect(key);
    let ignore_index = arguments.number("ignore_index").map(|index| index as usize);
    match case.text("loss") {
        "NLLLoss" => {
            let loss = NllLoss { ignore_index, ..NllLoss::new().reduction(reduction) };
            match arguments.get("weight") {
                None => classes::<N>(case, loss),
                Some(_) => classes::<N>(case, loss.weight(array("weight"))),
            }
        }
        "CrossEntropyLoss" => {
            let loss = CrossEntropyLoss::new().label_smoothing(number("label_smoothing", 0.0));
            let loss = CrossEntropyLoss { ignore_index, ..loss.reduction(reduction) };
            match arguments.get("weight") {
                None => classes::<N>(case, loss),
                Some(_) => classes::<N>(case, loss.weight(array("weight"))),
            }
        }
        "MSELoss" => numbers::<N>(case, MseLoss::new().reduction(reduction)),
        "L1Loss" => numbers::<N>(case, L1Loss::new().reduction(reduction)),
        "SmoothL1Loss" => {
            let loss = SmoothL1Loss::new().beta(number("beta", 1.0));
            numbers::<N>(case, loss.reduction(reduction));
        }
        "HuberLoss" => {
            let loss = HuberLoss::new().delta(number("delta", 1.0));
            numbers::<N>(case, loss.reduction(reduction));
        }
        "BCELoss" => numbers::<N>(case, BceLoss::new().reduction(reduction)),
        "BCEWithLogitsLoss" => {
            let loss = BceWithLogitsLoss::new().reduction(reduction);
            match arguments.get("pos_weight") {
                None => numbers::<N>(case, loss),
                Some(_) => numbers::<N>(case, loss.pos_weight(array("pos_weight"))),
            }
        }
        "KLDivLoss" => {
            let loss = KlDivLoss::new().log_target(arguments.get("log_target").is_some());
            numbers::<N>(case, loss.reduction(reduction));
        }
        other => panic!("no loss {other}"),
    }
}

fn classes<const N: usize>(case: &Case, loss: impl Loss<[f32; N], usize>) {
    compare(case, loss, &case.indices("target"));
}

fn numbers<const N: usize>(case: &Case, loss: impl Loss<[f32; N], [f32; N]>) {
    compare(case, loss, <[f32; N]>::group(&case.numbers("target")));
}

fn compare<const N: usize, T>(case: &Case, loss: impl Loss<[f32; N], T>, targets: &[T]) {
    let y = case.numbers("y");
    let y = <[f32; N]>::group(&y);
    // What was there before is no part of the gradient.
    let mut dy = vec![[f32::NAN; N]; y.len()];
    let value = loss.loss(y, targets, &mut dy);
    let expected = case.number("value").unwrap() as f32;
    assert_close(&[value], &[expected], TOLERANCE, &case.name());
    assert_close(dy.as_flattened(), &case.numbers("gradient"), TOLERANCE, &case.name());
    assert_eq!(loss.value(y, targets), value, "value and loss: {}", case.name());
}

#[test]
fn distillation_is_that_of_pytorch() {
    for case in cases("distillation.json") {
        let arguments = case.part("arguments");
        let number = |key| arguments.number(key).unwrap() as f32;
        let loss =
            DistillationLoss::new().temperature(number("temperature")).alpha(number("alpha"));
        let teacher = case.numbers("teacher");
        let teacher = <[f32; 5]>::group(&teacher).iter().copied();
        let targets: Vec<_> = case.indices("target").into_iter().zip(teacher).collect();
        compare::<5, _>(&case, loss, &targets);
    }
}

#[test]
fn a_batch_without_samples_has_no_loss() {
    let none: &[[f32; 3]] = &[];
    assert_eq!(CrossEntropyLoss::new().loss(none, &[] as &[u8], &mut []), 0.0);
    assert_eq!(NllLoss::new().loss(none, &[] as &[u8], &mut []), 0.0);
    assert_eq!(DistillationLoss::new().loss(none, &[] as &[(u8, [f32; 3])], &mut []), 0.0);
    assert_eq!(MseLoss::new().loss(none, none, &mut []), 0.0);
    assert_eq!(BceWithLogitsLoss::new().pos_weight([1.0; 3]).loss(none, none, &mut []), 0.0);
    assert_eq!(KlDivLoss::new().reduction(Reduction::BatchMean).loss(none, none, &mut []), 0.0);
}

#[test]
fn a_batch_of_ignored_samples_has_no_loss() {
    let (y, mut dy) = ([[1.0, 2.0]; 2], [[f32::NAN; 2]; 2]);
    assert_eq!(CrossEntropyLoss::new().ignore_index(9).loss(&y, &[9_u8, 9], &mut dy), 0.0);
    assert_eq!(dy, [[0.0; 2]; 2]);
    assert_eq!(NllLoss::new().ignore_index(1).loss(&y, &[1_u8, 1], &mut dy), 0.0);
    assert_eq!(dy, [[0.0; 2]; 2]);
}

#[test]
fn a_target_that_is_no_class_is_seen_and_does_no_harm() {
    let (y, mut dy, mut expected) = ([[1.0, 2.0]; 2], [[f32::NAN; 2]; 2], [[0.0; 2]]);
    CrossEntropyLoss::new().loss(&y[..1], &[0_u8], &mut expected);
    for targets in [[0, 2], [0, u32::MAX]] {
        let loss = CrossEntropyLoss::new();
        assert!(loss.loss(&y, &targets, &mut dy).is_nan() && loss.value(&y, &targets).is_nan());
        assert_eq!(dy, [expected[0], [0.0; 2]]);
        let loss = NllLoss::new();
        assert!(loss.loss(&y, &targets, &mut dy).is_nan() && loss.value(&y, &targets).is_nan());
        assert_eq!(dy, [[-1.0, 0.0], [0.0; 2]]);
    }
}

#[test]
fn cross_entropy_is_log_softmax_and_nll() {
    let y: [[f32; 70]; 4] =
        std::array::from_fn(|n| std::array::from_fn(|c| ((n * 70 + c) as f32).sin() * 4.0));
    let (targets, mut log_p) = ([3_u16, 69, 0, 64], [[0.0; 70]; 4]);
    firmnet::kernel::log_softmax(70, y.as_flattened(), log_p.as_flattened_mut());
    let (joint, apart) =
        (CrossEntropyLoss::new().value(&y, &targets), NllLoss::new().value(&log_p, &targets));
    assert_close(&[joint], &[apart], TOLERANCE, "cross entropy");
}

/// Of ten million numbers none is lost to rounding: a plain sum would be off in the third digit.
#[test]
fn large_batches_are_summed_exactly() {
    let y = vec![[0.1_f32; 1000]; 10_000];
    let loss = L1Loss::new().value(&y, &vec![[0.0; 1000]; 10_000]);
    assert_close(&[loss], &[0.1], TOLERANCE, "ten million tenths");
}
