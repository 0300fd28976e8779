//! Where the parameters in `networks/data` come from.

use std::path::Path;

use anyhow::{Context, Result};
use firmnet::data::{Mnist, Scale};
use firmnet::prelude::*;
use networks::digits::Digits;
use rand::SeedableRng;
use rand::rngs::StdRng;

const FIRMWARE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Learns to read digits, and writes what it learnt and the first image of each digit to judge it by.
pub fn digits() -> Result<()> {
    let data = Path::new(FIRMWARE).join("networks/data");
    let plain = Scale { mean: 0.0, std: 1.0 };
    let mnist = Mnist::load_scaled(Path::new(FIRMWARE).join("../data/mnist"), plain)?;
    let mut net = Digits::boxed(&mut StdRng::seed_from_u64(1));
    let mut trainer = Trainer::new(Adam::new(2e-3), CrossEntropyLoss::new())
        .epochs(12)
        .batch_size(64)
        .seed(1)
        .schedule(CosineAnnealingLr::new(12))
        .progress();
    println!("{}", trainer.fit(&mut *net, &mnist.train, &mnist.test)?);
    net.save(data.join("digits.safetensors"))?;

    let mut images = vec![];
    for digit in 0..10 {
        let (image, _) =
            mnist.test.iter().find(|(_, label)| *label == digit).context("a digit is missing")?;
        images
            .extend(image.as_flattened().as_flattened().iter().map(|x| (x * 255.0).round() as u8));
    }
    std::fs::write(data.join("digits.bin"), images)?;
    Ok(())
}
