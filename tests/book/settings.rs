//! The code of the reference of losses, optimizers and schedules.

use firmnet::prelude::*;

// ANCHOR: losses
const LOSS: CrossEntropyLoss<[f32; 3]> =
    CrossEntropyLoss::new().label_smoothing(0.1).weight([1.0, 1.0, 4.0]);
// ANCHOR_END: losses

// ANCHOR: optimizers
const ADAMW: AdamW = AdamW::new(1e-3).betas(0.9, 0.99).weight_decay(0.05);
// ANCHOR_END: optimizers

// ANCHOR: schedules
const WARM_UP: LinearLr = LinearLr::new().start_factor(0.1).total_iters(5);
const COSINE: CosineAnnealingLr = CosineAnnealingLr::new(95);

/// Five steps up, and then down along half a wave.
fn schedule(base: f32, step: u32) -> f32 {
    match step {
        ..5 => WARM_UP.lr(base, step),
        5.. => COSINE.lr(base, step - 5),
    }
}
// ANCHOR_END: schedules

#[test]
fn they_are_what_they_say() {
    let even = LOSS.value(&[[0.0; 3]], &[0_u8]);
    assert!((even - 3.0_f32.ln() * (0.9 + 0.2)).abs() < 1e-5, "{even}");
    assert_eq!((ADAMW.betas, ADAMW.weight_decay, ADAMW.eps), ((0.9, 0.99), 0.05, 1e-8));
    let rates = [0, 5, 100].map(|step| Schedule::lr(&schedule, 1.0, step));
    assert_eq!(rates, [0.1, 1.0, 0.0]);
}
