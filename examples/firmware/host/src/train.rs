//! Where the parameters in `networks/data` come from.

use std::path::Path;

use anyhow::{Context, Result};
use firmnet::data::{Mnist, Scale};
use firmnet::prelude::*;
use networks::digits::Digits;
use networks::flower::{FLOWERS, Flower};
use rand::SeedableRng;
use rand::rngs::StdRng;

const FIRMWARE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// What the networks know goes here.
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../networks/data");

/// Learns to read digits, and writes what it learnt and the first image of each digit to judge it by.
pub fn digits() -> Result<()> {
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
    net.save(Path::new(DATA).join("digits.safetensors"))?;

    let mut images = vec![];
    for digit in 0..10 {
        let (image, _) =
            mnist.test.iter().find(|(_, label)| *label == digit).context("a digit is missing")?;
        images
            .extend(image.as_flattened().as_flattened().iter().map(|x| (x * 255.0).round() as u8));
    }
    std::fs::write(Path::new(DATA).join("digits.bin"), images)?;
    Ok(())
}

/// Learns to tell irises apart (Anderson 1935, Fisher 1936), but for the three to judge it by.
pub fn flower() -> Result<()> {
    let text = read("tables/iris.csv")?;
    let mut flowers = vec![];
    for line in text.lines().skip(1) {
        let numbers: Vec<f32> = line.split(',').map(str::parse).collect::<Result<_, _>>()?;
        let (flower, species) = numbers.split_first_chunk::<4>().context("a line is too short")?;
        flowers.push((*flower, *species.first().context("a line has no species")? as usize));
    }
    flowers.retain(|(flower, _)| !FLOWERS.contains(flower));
    let mut net = Flower::boxed(&mut StdRng::seed_from_u64(1));
    let mut trainer = Trainer::new(Adam::new(1e-2), CrossEntropyLoss::new())
        .epochs(200)
        .batch_size(16)
        .seed(1)
        .schedule(CosineAnnealingLr::new(200));
    let history = trainer.fit(&mut *net, &flowers, &[])?;
    println!("{} irises, loss and accuracy on them: {:?}", flowers.len(), history.last());
    net.save(Path::new(DATA).join("flower.safetensors"))?;
    Ok(())
}

/// A file of the folder of data beside the project, or of the one that `FIRMNET_DATA` names.
fn read(name: &str) -> Result<String> {
    let beside = Path::new(FIRMWARE).join("../../../shared/data");
    let folder = std::env::var_os("FIRMNET_DATA").map_or(beside, Into::into);
    let file = folder.join(name);
    std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))
}
