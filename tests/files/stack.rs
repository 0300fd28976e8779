//! A network of 5 MB, and a stack that holds none of it.

use std::thread;

use crate::train::{bits, net};
use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

network! {
    struct Large: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3), ReLU,
        conv2: Conv2d(64, 3), ReLU,
        MaxPool2d(2), Dropout2d(0.25), Flatten,
        fc1: Linear(136), ReLU, Dropout(0.5),
        fc2: Linear(10), LogSoftmax,
    }
}

const _: () = assert!(size_of::<Large>() > 5_000_000);

/// In a debug build, where every value that is moved is on the stack, a thread with 128 KiB does all there is to do.
#[test]
fn five_megabytes_on_a_stack_of_128_kib() {
    on_small_stack(plain_loop);
    on_small_stack(trainer);
}

fn on_small_stack(work: fn()) {
    thread::Builder::new().stack_size(128 << 10).spawn(work).unwrap().join().unwrap();
}

fn samples() -> Vec<([[[f32; 28]; 28]; 1], u8)> {
    (0..4).map(|i| ([[[0.1 * f32::from(i); 28]; 28]], i)).collect()
}

fn plain_loop() {
    let mut rng = StdRng::seed_from_u64(0);
    let mut net = Large::boxed(&mut rng);
    let mut grad = Large::boxed_zero();
    let mut memory = Workspace::new();
    let adam = Adam::new(1e-3).amsgrad(true);
    let mut state = adam.state();
    let (xs, targets): (Vec<_>, Vec<_>) = samples().into_iter().unzip();
    let before = bits(&*net);
    for _ in 0..2 {
        let mut pass = net.forward_training(&xs, &mut memory, &mut rng);
        assert!(pass.loss(&NllLoss::new(), &targets).is_finite());
        pass.gradient(&net, &mut grad);
        adam.step(&mut *net, &grad, &mut state);
    }
    assert_ne!(bits(&*net), before);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.safetensors");
    net.save(&file).unwrap();
    let mut loaded = Large::boxed_zero();
    loaded.load(&file).unwrap();
    assert_eq!(bits(&*loaded), bits(&*net));
    loaded.copy_from(&grad);
    assert_eq!(net.forward_batch(&xs, &mut memory).len(), 4);
    assert!(net.forward(&xs[0], &mut memory).iter().all(|y| *y < 0.0));
    assert!(Large::summary().to_string().contains("conv2"));
}

fn trainer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run");
    let mut net = net::<Large>(0);
    for epochs in [1, 2] {
        let mut trainer = Trainer::new(AdamW::new(1e-3), NllLoss::new())
            .epochs(epochs)
            .batch_size(2)
            .l2(1e-4)
            .clip_norm(1.0)
            .keep_best()
            .resume(&file)
            .checkpoint_every(1);
        let history = trainer.fit(&mut *net, samples(), samples()).unwrap();
        assert_eq!(history.epochs.len(), epochs as usize);
        assert!(trainer.evaluate(&*net, samples()).loss.is_finite());
    }
    net.load(&file).unwrap();
}
