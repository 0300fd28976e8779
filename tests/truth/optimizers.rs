//! Optimizers against PyTorch: ten steps, parameters within 1e-6 of their scale after each.

use firmnet::optim::{Adadelta, Adagrad, Adam, AdamW, Optimizer, RmsProp, Sgd};

use super::vectors::{Case, assert_close, cases};

#[test]
fn optimizers_are_those_of_pytorch() {
    for case in cases("optimizers.json") {
        let arguments = case.part("arguments");
        let number = |key, field: &mut f32| {
            if let Some(number) = arguments.number(key) {
                *field = number as f32;
            }
        };
        let flag = |key| arguments.get(key).is_some();
        match case.text("optimizer") {
            "SGD" => {
                let mut sgd = Sgd::default().nesterov(flag("nesterov"));
                number("lr", &mut sgd.lr);
                number("momentum", &mut sgd.momentum);
                number("dampening", &mut sgd.dampening);
                number("weight_decay", &mut sgd.weight_decay);
                check(&case, sgd);
            }
            "RMSprop" => {
                let mut rms_prop = RmsProp::default().centered(flag("centered"));
                number("lr", &mut rms_prop.lr);
                number("alpha", &mut rms_prop.alpha);
                number("eps", &mut rms_prop.eps);
                number("weight_decay", &mut rms_prop.weight_decay);
                number("momentum", &mut rms_prop.momentum);
                check(&case, rms_prop);
            }
            "Adagrad" => {
                let mut adagrad = Adagrad::default();
                number("lr", &mut adagrad.lr);
                number("lr_decay", &mut adagrad.lr_decay);
                number("weight_decay", &mut adagrad.weight_decay);
                number("initial_accumulator_value", &mut adagrad.initial_accumulator_value);
                number("eps", &mut adagrad.eps);
                check(&case, adagrad);
            }
            "Adadelta" => {
                let mut adadelta = Adadelta::default();
                number("lr", &mut adadelta.lr);
                number("rho", &mut adadelta.rho);
                number("eps", &mut adadelta.eps);
                number("weight_decay", &mut adadelta.weight_decay);
                check(&case, adadelta);
            }
            "Adam" => {
                let mut adam = Adam::default().amsgrad(flag("amsgrad"));
                number("lr", &mut adam.lr);
                number("eps", &mut adam.eps);
                number("weight_decay", &mut adam.weight_decay);
                if let Some([beta1, beta2]) = betas(&arguments) {
                    adam = adam.betas(beta1, beta2);
                }
                check(&case, adam);
            }
            "AdamW" => {
                let mut adamw = AdamW::default().amsgrad(flag("amsgrad"));
                number("lr", &mut adamw.lr);
                number("eps", &mut adamw.eps);
                number("weight_decay", &mut adamw.weight_decay);
                if let Some([beta1, beta2]) = betas(&arguments) {
                    adamw = adamw.betas(beta1, beta2);
                }
                check(&case, adamw);
            }
            other => panic!("no optimizer {other}"),
        }
    }
}

fn betas(arguments: &Case) -> Option<[f32; 2]> {
    arguments.get("betas").map(|_| arguments.numbers("betas").try_into().expect("two betas"))
}

fn check(case: &Case, optimizer: impl Optimizer) {
    let mut p = case.numbers("p");
    let mut state = vec![vec![0.0; p.len()]; optimizer.slots()];
    let (gradients, steps) = (case.numbers("gradients"), case.numbers("steps"));
    for (t, (g, expected)) in (1..).zip(gradients.chunks(p.len()).zip(steps.chunks(p.len()))) {
        let mut slots: Vec<&mut [f32]> = state.iter_mut().map(|slot| &mut slot[..]).collect();
        optimizer.update(t, &mut p, g, &mut slots);
        assert_close(&p, expected, 1e-6, &format!("step {t} of {}", case.name()));
    }
}

/// All optimizers find the lowest point of a bowl, each from the same place with a learning rate of its own.
#[test]
fn optimizers_go_downhill() {
    fn walk(optimizer: impl Optimizer + std::fmt::Debug) {
        let (mut p, mut g) = ([3.0_f32, -2.0, 0.5], [0.0; 3]);
        let mut state = vec![[0.0; 3]; optimizer.slots()];
        for t in 1..=2000 {
            g.iter_mut().zip(p).zip([1.0, 10.0, 0.1]).for_each(|((g, p), a)| *g = a * (p - 1.0));
            let mut slots: Vec<&mut [f32]> = state.iter_mut().map(|slot| &mut slot[..]).collect();
            optimizer.update(t, &mut p, &g, &mut slots);
        }
        assert!(p.iter().all(|p| (p - 1.0).abs() < 0.02), "{optimizer:?} ends at {p:?}");
    }
    walk(Sgd::new(0.1));
    walk(Sgd::new(0.02).momentum(0.9).nesterov(true));
    walk(RmsProp::new(0.005));
    walk(RmsProp::new(0.001).centered(true).momentum(0.5));
    walk(Adagrad::new(0.5));
    walk(Adadelta::new(20.0));
    walk(Adam::new(0.02));
    walk(Adam::new(0.02).amsgrad(true));
    walk(AdamW::new(0.02).weight_decay(0.0));
}

/// Where a slice is cut between two calls leaves no trace.
#[test]
fn a_cut_does_not_change_a_bit() {
    let g: Vec<f32> = (0..37).map(|i| (i as f32 * 0.7).sin()).collect();
    let adam = Adam::new(0.1).weight_decay(0.01).amsgrad(true);
    let run = |cut: usize| {
        let (mut p, mut m, mut v, mut largest) = (g.clone(), [0.0; 37], [0.0; 37], [0.0; 37]);
        for t in 1..4 {
            for part in [0..cut, cut..37] {
                let state =
                    &mut [&mut m[part.clone()], &mut v[part.clone()], &mut largest[part.clone()]];
                adam.update(t, &mut p[part.clone()], &g[part], state);
            }
        }
        p
    };
    for cut in [1, 8, 16, 36] {
        assert_eq!(run(cut), run(0));
    }
}

/// A million steps on, the correction of the moments is still a number, and a steady gradient moves by `lr`.
#[test]
fn adam_does_not_grow_old() {
    for t in [1, 1_000_000, u32::MAX] {
        let (mut p, mut m, mut v) = ([1.0], [0.5], [0.25]);
        let adam = Adam::new(0.125);
        if t == 1 {
            (m, v) = ([0.0], [0.0]);
        }
        adam.update(t, &mut p, &[0.5], &mut [&mut m, &mut v]);
        assert!((p[0] - 0.875).abs() < 1e-6, "step {t}: {p:?}");
    }
}
