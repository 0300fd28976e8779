//! What is frozen stays as it is, and the rest learns.

use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;

// ANCHOR: nested
network! {
    pub struct Features: [2] -> [8] { fc: Linear(8), Tanh }
}
network! {
    pub struct Head: [2] -> [2] {
        #[frozen]
        features: Features,
        fc: Linear(2),
    }
}
// ANCHOR_END: nested
network! {
    pub struct Free: [2] -> [2] { features: Features, fc: Linear(2) }
}

fn samples() -> Vec<([f32; 2], u8)> {
    let point = |i: usize| [(i % 7) as f32 / 3.0 - 1.0, (i % 5) as f32 / 2.0 - 1.0];
    (0..35).map(|i| (point(i), u8::from(point(i)[0] > point(i)[1]))).collect()
}

#[test]
fn a_frozen_network_keeps_its_parameters() {
    let mut rng = SmallRng::seed_from_u64(1);
    assert_eq!(Head::PARAMETERS, 8 * 2 + 2);
    let trained: Vec<_> = Head::TENSORS.iter().map(|tensor| tensor.trained).collect();
    assert_eq!(trained, [false, false, true, true]);

    let mut net = Head::boxed(&mut rng);
    let before = net.features.fc;
    let mut trainer = Trainer::new(AdamW::new(0.05), CrossEntropyLoss::new()).epochs(60);
    let history = trainer.fit(&mut *net, samples(), ()).unwrap();
    assert_eq!(net.features.fc.weight, before.weight);
    assert_eq!(net.features.fc.bias, before.bias);
    assert!(history.epochs[59].train.loss < 0.7 * history.epochs[0].train.loss, "{history}");
}

#[test]
fn a_trainer_freezes_what_it_is_told_to() {
    let mut rng = SmallRng::seed_from_u64(2);
    let mut net = Free::boxed(&mut rng);
    let before = net.features.fc;
    let trainer = || Trainer::new(AdamW::new(0.05), CrossEntropyLoss::new()).epochs(3).l2(0.1);
    let samples = samples();
    // ANCHOR: freeze
    let frozen = |name: &str| name.starts_with("features.");
    trainer().freeze(frozen).fit(&mut *net, &samples, ()).unwrap();
    // ANCHOR_END: freeze
    assert_eq!(net.features.fc.weight, before.weight);
    trainer().fit(&mut *net, &samples, ()).unwrap();
    assert_ne!(net.features.fc.weight, before.weight);
}
