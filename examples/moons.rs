//! Two half moons that grip into each other, and a network that learns on which of them a point lies.
//!
//! `cargo run --release --example moons` draws where the network sees the border between them.
#![forbid(unsafe_code)]

mod support;

use std::f32::consts::PI;

use anyhow::Result;
use firmnet::init;
use firmnet::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use support::pictures;

// ANCHOR: network
network! {
    /// A point of the plane in; the logit of its being on the second moon out.
    pub struct Moons: [2] -> [1] {
        fc1: Linear(16), Tanh,
        fc2: Linear(16), Tanh,
        fc3: Linear(1),
    }
}
// ANCHOR_END: network

fn main() -> Result<()> {
    // ANCHOR: train
    let mut rng = StdRng::seed_from_u64(1);
    let (train, test) = (moons(1000, &mut rng), moons(500, &mut rng));
    let mut net = Moons::boxed(&mut rng);
    let mut trainer = Trainer::new(AdamW::new(0.01), BceWithLogitsLoss::new())
        .epochs(20)
        .schedule(CosineAnnealingLr::new(20));
    let history = trainer.fit(&mut *net, &train, &test)?;
    println!("{history}");
    // ANCHOR_END: train

    // ANCHOR: draw
    let probability = |at| {
        let mut memory = Moons::workspace();
        let [logit] = net.forward(&at, &mut memory);
        1.0 / (1.0 + (-logit).exp())
    };
    println!("(0, 0) is on the second moon with probability {:.3}", probability([0.0, 0.0]));
    // ANCHOR_END: draw
    std::fs::create_dir_all("target/moons")?;
    let path = "target/moons/boundary.svg";
    let points: Vec<_> = test.iter().map(|(at, [second])| (*at, *second == 1.0)).collect();
    pictures::boundary(path.as_ref(), "two moons", [-1.7..2.7, -1.3..1.8], probability, &points)?;
    println!("what the network has learned is drawn in {path}");
    Ok(())
}

// ANCHOR: data
/// Points near two half circles, each with 1 when it is of the second one, which hangs from the middle of the first.
fn moons(count: usize, rng: &mut impl Rng) -> Vec<([f32; 2], [f32; 1])> {
    let point = |i| {
        let (sin, cos) = (rng.random::<f32>() * PI).sin_cos();
        let mut at = [0.0; 2];
        init::normal(&mut at, 0.0, 0.15, rng);
        let second = i % 2 == 1;
        let on = if second { [1.0 - cos, 0.5 - sin] } else { [cos, sin] };
        ([at[0] + on[0], at[1] + on[1]], [f32::from(u8::from(second))])
    };
    (0..count).map(point).collect()
}
// ANCHOR_END: data
