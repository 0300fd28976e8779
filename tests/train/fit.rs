//! Training and evaluating.

use super::{Ring, bits, net, points, timeless, trainer};
use firmnet::prelude::*;
use rand::SeedableRng;

#[test]
fn it_learns_and_says_how_well() {
    let (train, test) = (points(1000, 1), points(300, 2));
    let (mut net, mut trainer) = (net::<Ring>(0), trainer());
    let before = trainer.evaluate(&*net, &test);
    let history = trainer.fit(&mut *net, &train, &test).unwrap();
    let after = trainer.evaluate(&*net, &test);
    assert!(before.metric < Some(0.8) && after.metric > Some(0.9), "{before:?} {after:?}");
    assert_eq!(history.epochs.len(), 8);
    assert_eq!(history.last().unwrap().validation, Some(after));
    assert_eq!((history.metric.as_str(), history.last().unwrap().number), ("accuracy", 8));

    let (mut right, mut seen) = (0, vec![]);
    trainer.predict(&*net, &test, |i, y, &target| {
        right += usize::from((y[1] > y[0]) == (target == 1));
        seen.push((i, target));
    });
    assert_eq!(after.metric, Some((right as f64 / 300.0) as f32));
    assert_eq!(seen, test.iter().map(|pair| pair.1).enumerate().collect::<Vec<_>>());
}

/// The trainer is the plain loop: with neither shuffling nor dropout, the same bits.
#[test]
fn it_is_the_plain_loop() {
    network! {
        struct Line: [3] -> [1] { fc: Linear(1) }
    }
    let xs: Vec<[f32; 3]> = (0..50).map(|i| [i as f32 / 50.0, (i % 7) as f32, 1.0]).collect();
    let ys: Vec<[f32; 1]> = xs.iter().map(|x| [x[0] - 0.1 * x[1]]).collect();
    let sgd = Sgd::new(0.01).momentum(0.9);

    let mut plain = net::<Line>(3);
    let mut memory = Workspace::new();
    let (mut state, mut losses) = (sgd.state(), vec![]);
    for (xs, ys) in xs.chunks(16).zip(ys.chunks(16)).cycle().take(8) {
        let mut grad = Line::ZERO;
        let mut rng = rand::rngs::StdRng::from_seed([0; 32]);
        let mut pass = plain.forward_training(xs, &mut memory, &mut rng);
        losses.push(pass.loss(&MseLoss::new(), ys) as f64 * xs.len() as f64);
        pass.backward(&plain, &mut grad);
        sgd.step(&mut *plain, &grad, &mut state);
    }

    let mut net = net::<Line>(3);
    let mut trainer =
        Trainer::new(sgd, MseLoss::new()).shuffle(false).batch_size(16).epochs(2).threads(2);
    let history = trainer.fit(&mut *net, (&xs, &ys), ()).unwrap();
    assert_eq!(bits(&*net), bits(&*plain));
    let means = losses.chunks(4).map(|losses| (losses.iter().sum::<f64>() / 50.0) as f32);
    for (epoch, mean) in history.epochs.iter().zip(means) {
        assert_eq!((epoch.train, epoch.validation), (Score { loss: mean, metric: None }, None));
    }
}

#[test]
fn samples_come_from_anywhere() {
    let (train, test) = (points(100, 1), points(33, 2));
    let (xs, ts): (Vec<_>, Vec<_>) = train.iter().copied().unzip();
    type Fit<'a> = &'a dyn Fn(&mut Trainer<Ring, u8, Adam, CrossEntropyLoss>, &mut Ring) -> History;
    let trained = |fit: Fit| {
        let mut net = net::<Ring>(0);
        let history = fit(&mut trainer().shuffle(false).epochs(2), &mut net);
        (timeless(history), bits(&*net))
    };
    let expected = trained(&|trainer, net| trainer.fit(net, &train, &test).unwrap());
    let stream = Stream(|_| train.clone());
    let array: [([f32; 2], u8); 100] = train.clone().try_into().unwrap();
    assert_eq!(trained(&|trainer, net| trainer.fit(net, &train[..], &test[..]).unwrap()), expected);
    assert_eq!(trained(&|trainer, net| trainer.fit(net, (&xs, &ts), &test).unwrap()), expected);
    assert_eq!(
        trained(&|trainer, net| trainer.fit(net, (&xs[..], &ts[..]), &test).unwrap()),
        expected
    );
    assert_eq!(trained(&|trainer, net| trainer.fit(net, stream, &test).unwrap()), expected);
    assert_eq!(trained(&|trainer, net| trainer.fit(net, array, &test).unwrap()), expected);
}

#[test]
fn each_epoch_has_its_order_and_each_seed_its_own() {
    use std::sync::Mutex;
    static SEEN: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    network! {
        struct Nothing: [1] -> [1] { fc: Linear(1, bias = false) }
    }
    let samples: Vec<([f32; 1], [f32; 1])> = (0..40).map(|i| ([0.0], [i as f32])).collect();
    let run = |seed: u64| {
        // The metric sees the targets as they go by.
        let mut trainer = Trainer::new(Sgd::new(0.0), MseLoss::new()).seed(seed).epochs(2).metric(
            "seen",
            |_: &[f32; 1], t: &[f32; 1]| {
                SEEN.lock().unwrap().push(t[0] as u32);
                t[0]
            },
        );
        let history = trainer.fit(&mut *net::<Nothing>(0), &samples, ()).unwrap();
        assert_eq!(history.last().unwrap().train.metric, Some(19.5));
        std::mem::take(&mut *SEEN.lock().unwrap())
    };
    let (order, again, other) = (run(1), run(1), run(2));
    assert!(order == again && order != other && order[..40] != order[40..]);
    for epoch in order.chunks(40) {
        let mut sorted = epoch.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..40).collect::<Vec<_>>());
        assert_ne!(sorted, epoch);
    }
}

/// Each step is large enough to be split over threads.
#[test]
fn the_number_of_threads_does_not_change_the_bits() {
    network! {
        struct Deep: [1, 20, 20] -> [4] {
            conv1: Conv2d(16, 3), bn1: BatchNorm2d, ReLU,
            conv2: Conv2d(32, 3), ReLU, MaxPool2d(2), Dropout2d(0.2), Flatten,
            fc1: Linear(64), ReLU, Dropout(0.5),
            fc2: Linear(4),
        }
    }
    let sample = |i: usize| {
        ([std::array::from_fn(|y| std::array::from_fn(|x| ((x * y + i) % 7) as f32))], i % 4)
    };
    let samples: Vec<([[[f32; 20]; 20]; 1], usize)> = (0..80).map(sample).collect();
    let run = |threads| {
        let mut net = net::<Deep>(0);
        let mut trainer = Trainer::new(Adam::new(1e-3), CrossEntropyLoss::new())
            .epochs(2)
            .batch_size(32)
            .clip_norm(1.0)
            .threads(threads);
        let history = trainer.fit(&mut *net, &samples, &samples).unwrap();
        (timeless(history), bits(&*net))
    };
    let one = run(1);
    for threads in [2, 3, 0] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}
