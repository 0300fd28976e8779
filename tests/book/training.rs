//! The code of the chapter *Training*.

use firmnet::clip;
use firmnet::penalty;
use firmnet::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

// ANCHOR: network
network! {
    /// In which quarter of the plane a point lies.
    pub struct Quarter: [2] -> [4] {
        fc1: Linear(24), Tanh, Dropout(0.05),
        fc2: Linear(4),
    }
}
// ANCHOR_END: network

/// Points of the plane, each with its quarter.
fn points(count: usize, seed: u64) -> Vec<([f32; 2], u8)> {
    let mut rng = StdRng::seed_from_u64(seed);
    let point = |_| {
        let [x, y] = [0, 1].map(|_| rng.random_range(-1.0..1.0_f32));
        ([x, y], u8::from(x > 0.0) + 2 * u8::from(y > 0.0))
    };
    (0..count).map(point).collect()
}

#[test]
fn a_plain_loop() {
    let (points, quarters): (Vec<_>, Vec<_>) = points(512, 1).into_iter().unzip();
    // ANCHOR: plain
    let mut rng = StdRng::seed_from_u64(7);
    let mut net = Quarter::boxed(&mut rng);
    let mut grad = Quarter::boxed_zero();
    let mut memory = Workspace::new();

    let cross_entropy = CrossEntropyLoss::new();
    let mut adam = AdamW::new(0.02);
    let mut state = adam.state();
    let schedule = CosineAnnealingLr::new(20);

    for epoch in 0..20 {
        adam.set_lr(schedule.lr(0.02, epoch));
        let mut total = 0.0;
        for (points, quarters) in points.chunks(32).zip(quarters.chunks(32)) {
            let mut pass = net.forward_training(points, &mut memory, &mut rng);
            total += pass.loss(&cross_entropy, quarters);
            pass.gradient(&net, &mut grad);
            adam.step(&mut *net, &grad, &mut state);
        }
        println!("epoch {epoch}: loss {}", total / points.chunks(32).len() as f32);
    }

    let answers = net.forward_batch(&points, &mut memory);
    let answers = answers.iter().zip(&quarters);
    let right = answers.filter(|&(y, &quarter)| argmax(y) == usize::from(quarter)).count();
    println!("{right} of {} are right", points.len());
    // ANCHOR_END: plain
    assert!(right > 480);
}

#[test]
fn between_backward_and_step() {
    let (points, quarters): (Vec<_>, Vec<_>) = points(64, 1).into_iter().unzip();
    let mut rng = StdRng::seed_from_u64(7);
    let mut net = Quarter::boxed(&mut rng);
    let mut grad = Quarter::boxed_zero();
    let mut memory = Workspace::new();
    let sgd = Sgd::new(0.1);
    let mut state = sgd.state();
    let before = net.fc2.bias;

    let mut pass = net.forward_training(&points, &mut memory, &mut rng);
    pass.loss(&CrossEntropyLoss::new(), &quarters);
    pass.backward(&net, &mut grad);
    // ANCHOR: clip
    // An L2 penalty on the weights of one layer.
    let weight = net.fc1.weight.as_flattened();
    let penalty = penalty::l2(1e-3, weight, grad.fc1.weight.as_flattened_mut());

    // The gradient of all parameters together is at most 0.1 long.
    let mut squares = 0.0;
    for i in 0..Quarter::TENSORS.len() {
        squares += clip::sum_of_squares(grad.tensor(i));
    }
    let coefficient = clip::coefficient(squares.sqrt(), 0.1);
    for i in 0..Quarter::TENSORS.len() {
        clip::scale(grad.tensor_mut(i), coefficient);
    }
    // ANCHOR_END: clip
    sgd.step(&mut *net, &grad, &mut state);
    assert!(penalty > 0.0 && coefficient < 1.0);
    let moved: f32 = before.iter().zip(net.fc2.bias).map(|(a, b)| (a - b).powi(2)).sum();
    assert!(0.0 < moved && moved.sqrt() < 0.1 * 0.1);
}

#[test]
fn a_loss_of_ones_own() {
    let points = [[0.5, 0.5], [-0.5, 0.5]];
    let mut rng = StdRng::seed_from_u64(7);
    let mut net = Quarter::boxed(&mut rng);
    let mut memory = Workspace::new();
    let mut pass = net.forward_training(&points, &mut memory, &mut rng);
    // ANCHOR: own_loss
    // What the answers are, and room for the loss's gradient by each of them.
    let loss = pass.loss_with(|answers, gradients| {
        let mut loss = 0.0;
        for (y, dy) in answers.iter().zip(gradients) {
            for (y, dy) in y.iter().zip(dy) {
                loss += y.cosh().ln();
                *dy = y.tanh();
            }
        }
        loss
    });
    // ANCHOR_END: own_loss
    assert!(loss > 0.0);
    let mut grad = Quarter::ZERO;
    let sum: f32 = pass.output().iter().map(|y| y[0].tanh()).sum();
    pass.backward(&net, &mut grad);
    assert!((grad.fc2.bias[0] - sum).abs() < 1e-6);
}

#[test]
fn a_trainer() -> Result<(), Box<dyn std::error::Error>> {
    let (train, validation, test) = (points(1000, 1), points(200, 2), points(200, 3));
    let mut net = Quarter::boxed(&mut StdRng::seed_from_u64(7));
    // ANCHOR: trainer
    let mut trainer = Trainer::new(AdamW::new(0.02), CrossEntropyLoss::new())
        .epochs(20)
        .batch_size(32)
        .schedule_by_step(OneCycleLr::new(0.02, 20 * 32))
        .l2(1e-5)
        .clip_norm(1.0)
        .early_stopping(EarlyStopping::new(5))
        .keep_best()
        .progress();
    let history = trainer.fit(&mut *net, &train, &validation)?;
    println!("{history}");
    // ANCHOR_END: trainer
    assert!(history.best().unwrap().score().metric > Some(0.95));

    // ANCHOR: judge
    let score = trainer.evaluate(&net, &test);
    println!("loss {}, accuracy {:?}", score.loss, score.metric);

    let mut confusion = Confusion::new(4);
    trainer
        .predict(&net, &test, |_, answer, &quarter| confusion.add(quarter.into(), argmax(answer)));
    println!("{confusion}");
    // ANCHOR_END: judge
    assert_eq!(score.metric, Some(confusion.accuracy() as f32));
    Ok(())
}

#[test]
fn samples_from_anywhere() -> Result<(), TrainError> {
    let samples = points(64, 1);
    let (points, quarters): (Vec<_>, Vec<_>) = samples.iter().copied().unzip();
    let mut net = Quarter::boxed(&mut StdRng::seed_from_u64(7));
    let mut trainer = Trainer::new(Sgd::new(0.1), CrossEntropyLoss::new()).shuffle(false);
    // ANCHOR: samples
    // Pairs of an input and its target, in a slice, a vector or an array.
    trainer.fit(&mut *net, &samples, ())?;
    // Inputs and targets apart.
    trainer.fit(&mut *net, (&points, &quarters), ())?;
    // Whatever an iterator gives, anew for each epoch: from a file, or made up.
    let corners = Stream(|_epoch| [([1.0, 1.0], 3), ([-1.0, -1.0], 0), ([1.0, -1.0], 1)]);
    trainer.fit(&mut *net, &samples, corners)?;
    // ANCHOR_END: samples
    Ok(())
}

#[test]
fn files() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("quarter.safetensors");
    let net = Quarter::boxed(&mut StdRng::seed_from_u64(7));
    // ANCHOR: files
    net.save(&path)?;

    let mut loaded = Quarter::boxed_zero();
    loaded.load(&path)?;
    // ANCHOR_END: files
    assert_eq!((loaded.fc1.weight, loaded.fc2.bias), (net.fc1.weight, net.fc2.bias));
    Ok(())
}

#[test]
fn a_training_is_resumed() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("quarter.checkpoint");
    let train = points(200, 1);
    let fit = |epochs, path| {
        let mut net = Quarter::boxed(&mut StdRng::seed_from_u64(7));
        // ANCHOR: resume
        let mut trainer =
            Trainer::new(Adam::new(0.01), CrossEntropyLoss::new()).epochs(epochs).resume(path);
        trainer.fit(&mut *net, &train, ())?;
        // ANCHOR_END: resume
        Ok::<_, TrainError>(net)
    };
    fit(2, path.clone())?;
    let resumed = fit(5, path)?;
    let unbroken = fit(5, folder.path().join("another.checkpoint"))?;
    assert_eq!(resumed.fc1.weight, unbroken.fc1.weight);
    Ok(())
}

#[test]
fn threads_do_not_change_a_bit() -> Result<(), TrainError> {
    let train = points(1000, 1);
    let fit = |threads| {
        let mut net = Quarter::boxed(&mut StdRng::seed_from_u64(7));
        let trainer = Trainer::new(Adam::new(0.01), CrossEntropyLoss::new());
        trainer.threads(threads).batch_size(256).fit(&mut *net, &train, ())?;
        Ok::<_, TrainError>(net.fc1.weight)
    };
    assert_eq!(fit(1)?, fit(2)?);
    Ok(())
}
