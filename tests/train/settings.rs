//! What the settings of a trainer do.

use super::{Ring, bits, net, points, trainer};
use firmnet::prelude::*;
use std::sync::{Arc, Mutex};

network! {
    /// One number `w`.
    struct One: [1] -> [1] { fc: Linear(1, bias = false) }
}

type OneTrainer = Trainer<One, [f32; 1], Sgd, MseLoss>;

/// `w` after training from 1 towards `t`, for `x = 1` and with plain gradient descent, and what came of it.
fn one(
    t: f32,
    lr: f32,
    set: impl FnOnce(OneTrainer) -> OneTrainer,
) -> (f32, Result<History, TrainError>) {
    let mut net = One::boxed_zero();
    net.fc.weight = [[1.0]];
    let mut trainer = set(Trainer::new(Sgd::new(lr), MseLoss::new()).batch_size(1));
    let history = trainer.fit(&mut *net, [([1.0], [t])], ());
    (net.fc.weight[0][0], history)
}

#[track_caller]
fn check(w: f32, expected: f32) {
    assert!((w - expected).abs() < 1e-6, "{w}, and {expected} is expected");
}

#[test]
fn penalties_and_clipping_change_the_step() {
    // The loss is (w − t)², its gradient 2 (w − t).
    check(one(0.0, 0.1, |trainer| trainer).0, 0.8);
    check(one(1.0, 0.1, |trainer| trainer.l1(0.5)).0, 0.95);
    check(one(1.0, 0.1, |trainer| trainer.l2(0.5)).0, 0.9);
    check(one(0.0, 0.1, |trainer| trainer.clip_value(0.5)).0, 0.95);
    check(one(0.0, 0.1, |trainer| trainer.clip_norm(1.0)).0, 0.9);
    check(one(0.0, 0.1, |trainer| trainer.clip_norm(3.0)).0, 0.8);
    let (_, history) = one(0.0, 0.1, |trainer| trainer.l1(0.5).l2(0.25));
    assert_eq!(history.unwrap().last().unwrap().train.loss, 1.75);
}

#[test]
fn schedules_set_the_learning_rate() {
    let samples = [([1.0], [0.0]), ([1.0], [0.0])];
    let lrs = |set: fn(OneTrainer) -> OneTrainer| {
        let mut trainer = set(Trainer::new(Sgd::new(0.5), MseLoss::new()).batch_size(1).epochs(3));
        let history = trainer.fit(&mut *net::<One>(0), samples, ()).unwrap();
        history.epochs.iter().map(|epoch| epoch.lr).collect::<Vec<_>>()
    };
    assert_eq!(lrs(|trainer| trainer), [0.5, 0.5, 0.5]);
    assert_eq!(lrs(|trainer| trainer.schedule(ExponentialLr::new(0.5))), [0.5, 0.25, 0.125]);
    let by_step = |trainer: OneTrainer| trainer.schedule_by_step(ExponentialLr::new(0.5));
    assert_eq!(lrs(by_step), [0.25, 0.0625, 0.015625]);
    let plateau = |trainer: OneTrainer| {
        let rising = ReduceLrOnPlateau::new(0.5).patience(0).factor(0.5).mode(PlateauMode::Max);
        trainer.reduce_on_plateau(rising)
    };
    assert_eq!(lrs(plateau), [0.5, 0.5, 0.25]);
}

#[test]
fn it_stops_early_and_keeps_the_best() {
    // With a learning rate above 1 the loss grows from the first step on.
    let (w, history) = one(0.0, 1.5, |trainer| {
        trainer.epochs(100).early_stopping(EarlyStopping::new(3)).keep_best()
    });
    let history = history.unwrap();
    assert_eq!((history.epochs.len(), history.best), (4, Some(0)));
    // The best epoch had the loss 1, and left w at 1 − 1.5 · 2 = −2.
    check(w, -2.0);
    let (w, history) =
        one(0.0, 1.5, |trainer| trainer.epochs(100).early_stopping(EarlyStopping::new(3)));
    assert_eq!(history.unwrap().epochs.len(), 4);
    check(w, 16.0);
    // Progress that is too small does not count.
    let (_, history) = one(0.0, 1e-4, |trainer| {
        trainer.epochs(100).early_stopping(EarlyStopping::new(2).min_delta(0.1))
    });
    assert_eq!(history.unwrap().epochs.len(), 3);
}

#[test]
fn the_metric_can_be_what_counts() {
    let metric = |trainer: OneTrainer| {
        trainer.epochs(5).metric("size", |y: &[f32; 1], _: &[f32; 1]| y[0].abs())
    };
    let (_, history) = one(0.0, 0.1, |trainer| metric(trainer).monitor(Monitor::MetricMax));
    let history = history.unwrap();
    assert_eq!((history.metric.as_str(), history.best), ("size", Some(0)));
    assert_eq!(history.best().unwrap().train.metric, Some(1.0));
    let (_, history) = one(0.0, 0.1, |trainer| metric(trainer).monitor(Monitor::MetricMin));
    assert_eq!(history.unwrap().best, Some(4));
}

#[test]
fn a_loss_that_is_not_finite_ends_it() {
    let (w, history) = one(0.0, 1e3, |trainer| trainer.epochs(100));
    let error = history.unwrap_err();
    assert!(
        matches!(error, TrainError::NotFinite { epoch: 7, step: 1, loss, .. } if loss == f32::INFINITY),
        "{error}"
    );
    assert!(w.is_finite());
    let (w, history) = one(f32::NAN, 0.1, |trainer| trainer);
    assert!(history.unwrap_err().to_string().starts_with("the loss is NaN in step 1 of epoch 1"));
    check(w, 1.0);
    let mut net = net::<Ring>(0);
    let before = net.fc1.weight;
    let error = trainer().fit(&mut *net, [([0.0; 2], 2)], ()).unwrap_err();
    assert!(error.to_string().contains("targets that are no class"), "{error}");
    assert_eq!(net.fc1.weight, before);
}

#[test]
fn without_samples_there_is_nothing_to_do() {
    let empty: [([f32; 2], u8); 0] = [];
    let error = trainer().fit(&mut *net::<Ring>(0), empty, ()).unwrap_err();
    assert!(matches!(error, TrainError::NoSamples));
    let score = trainer().evaluate(&*net::<Ring>(0), empty);
    assert!(score.loss.is_nan() && score.metric.is_none());
}

#[test]
fn each_epoch_is_shown() {
    let seen = Arc::new(Mutex::new(vec![]));
    let (train, test) = (points(64, 1), points(16, 2));
    let mut net = net::<Ring>(0);
    let show = seen.clone();
    let mut trainer = trainer().epochs(3).on_epoch(move |epoch: &Epoch, net: &Ring| {
        show.lock().unwrap().push((epoch.number, bits(net)));
    });
    trainer.fit(&mut *net, &train, &test).unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.iter().map(|seen| seen.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(seen[2].1, bits(&*net));
    assert_ne!(seen[1].1, seen[2].1);
}

/// From outside the pool, each parallel part of a step would wake its threads.
#[test]
fn training_is_on_a_thread_of_the_pool() {
    let inside = Arc::new(Mutex::new(vec![]));
    let seen = inside.clone();
    let note = move |_: &Epoch, _: &Ring| seen.lock().unwrap().push(rayon::current_thread_index());
    let mut trainer = trainer().epochs(2).on_epoch(note);
    trainer.fit(&mut *net::<Ring>(0), points(16, 1), ()).unwrap();
    let inside = inside.lock().unwrap();
    assert!(inside.len() == 2 && inside.iter().all(Option::is_some));
}

#[test]
fn a_history_is_a_table() {
    let score = |loss, metric| Score { loss, metric: Some(metric) };
    let epoch = |number, lr, loss, validation| Epoch {
        number,
        lr,
        train: score(loss, 0.9),
        validation,
        seconds: 30.26,
    };
    let epochs = vec![
        epoch(1, 1e-3, 0.25, Some(score(0.0625, 0.98))),
        epoch(2, 2.5e-7, 0.125, Some(score(0.07, 0.9875))),
    ];
    let history = History { metric: "accuracy".to_string(), epochs, best: Some(0) };
    let table = "\
epoch        lr      loss  accuracy  validation  accuracy   seconds
    1     0.001   0.25000   0.90000     0.06250   0.98000      30.3  best
    2    2.5e-7   0.12500   0.90000     0.07000   0.98750      30.3
";
    assert_eq!(history.to_string(), table);
}
