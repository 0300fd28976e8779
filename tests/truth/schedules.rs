//! Schedules against PyTorch: every step of whole runs within 1e-6.

use firmnet::schedule::*;

use super::vectors::{Case, assert_close, cases};

#[test]
fn schedules_are_those_of_pytorch() {
    for case in cases("schedules.json") {
        let arguments = case.part("arguments");
        let number = |key| arguments.number(key);
        let count = |key| number(key).map(|count| count as u32);
        match case.text("schedule") {
            "StepLR" => {
                let step = StepLr::new(count("step_size").unwrap());
                check(&case, step.gamma(number("gamma").unwrap_or(step.gamma)));
            }
            "MultiStepLR" => match arguments.indices("milestones")[..] {
                [a, b, c] => multi_step(&case, [a, b, c]),
                [a, b, c, d] => multi_step(&case, [a, b, c, d]),
                ref other => panic!("no test for the milestones {other:?}"),
            },
            "ExponentialLR" => check(&case, ExponentialLr::new(number("gamma").unwrap())),
            "CosineAnnealingLR" => {
                let cosine = CosineAnnealingLr::new(count("T_max").unwrap());
                check(&case, cosine.eta_min(number("eta_min").unwrap_or(cosine.eta_min)));
            }
            "LinearLR" => {
                let mut linear = LinearLr::new();
                linear.start_factor = number("start_factor").unwrap_or(linear.start_factor);
                linear.end_factor = number("end_factor").unwrap_or(linear.end_factor);
                linear.total_iters = count("total_iters").unwrap_or(linear.total_iters);
                check(&case, linear);
            }
            "OneCycleLR" => {
                let (max_lr, total_steps) = (number("max_lr"), count("total_steps"));
                let mut cycle = OneCycleLr::new(max_lr.unwrap(), total_steps.unwrap());
                for (key, field) in [
                    ("pct_start", &mut cycle.pct_start),
                    ("div_factor", &mut cycle.div_factor),
                    ("final_div_factor", &mut cycle.final_div_factor),
                    ("base_momentum", &mut cycle.base_momentum),
                    ("max_momentum", &mut cycle.max_momentum),
                ] {
                    *field = number(key).unwrap_or(*field);
                }
                check(&case, cycle);
                for (step, expected) in (0..).zip(case.numbers("momentum")) {
                    assert_close(&[cycle.momentum(step)], &[expected], 1e-6, &case.name());
                }
            }
            "ReduceLROnPlateau" => plateau(&case, &arguments),
            other => panic!("no schedule {other}"),
        }
    }
}

fn multi_step<const N: usize>(case: &Case, milestones: [usize; N]) {
    let schedule = MultiStepLr::new(milestones.map(|milestone| milestone as u32));
    let gamma = case.part("arguments").number("gamma");
    check(case, schedule.gamma(gamma.unwrap_or(schedule.gamma)));
}

fn check(case: &Case, schedule: impl Schedule) {
    let base = case.number("base").unwrap() as f32;
    for (step, expected) in (0..).zip(case.numbers("lr")) {
        let what = format!("step {step} of {}", case.name());
        assert_close(&[schedule.lr(base, step)], &[expected], 1e-6, &what);
    }
}

fn plateau(case: &Case, arguments: &Case) {
    let number = |key| arguments.number(key);
    let mut plateau = ReduceLrOnPlateau::new(case.number("base").unwrap() as f32);
    plateau.factor = number("factor").unwrap_or(plateau.factor);
    plateau.threshold = number("threshold").unwrap_or(plateau.threshold);
    plateau.min_lr = number("min_lr").unwrap_or(plateau.min_lr);
    plateau.eps = number("eps").unwrap_or(plateau.eps);
    plateau.patience = number("patience").map_or(plateau.patience, |patience| patience as u32);
    plateau.cooldown = number("cooldown").map_or(plateau.cooldown, |cooldown| cooldown as u32);
    if arguments.get("mode").is_some() {
        plateau = plateau.mode(PlateauMode::Max);
    }
    if arguments.get("threshold_mode").is_some() {
        plateau = plateau.threshold_mode(ThresholdMode::Abs);
    }
    for (step, (metric, expected)) in
        case.numbers("metrics").into_iter().zip(case.numbers("lr")).enumerate()
    {
        let what = format!("step {step} of {}", case.name());
        assert_close(&[plateau.step(metric)], &[expected], 1e-6, &what);
    }
}

/// Whatever is asked of a schedule, it gives a number from 0 to the highest there is.
#[test]
fn schedules_stay_within_bounds() {
    for step in (0..300).chain([u32::MAX - 1, u32::MAX]) {
        for size in [0, 1, 2, 100, u32::MAX] {
            for lr in [
                StepLr::new(size).lr(0.5, step),
                MultiStepLr::new([size, 1]).lr(0.5, step),
                ExponentialLr::new(0.9).lr(0.5, step),
                CosineAnnealingLr::new(size).lr(0.5, step),
                LinearLr::new().total_iters(size).lr(0.5, step),
                OneCycleLr::new(0.5, size).lr(0.1, step),
                OneCycleLr::new(0.5, size).pct_start(1.0).lr(0.1, step),
            ] {
                assert!((0.0..=0.5).contains(&lr), "{lr} at step {step} of {size}");
            }
        }
    }
}
