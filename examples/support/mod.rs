//! What the examples share: flags, pictures, digits from image files, and where data may lie.
#![allow(dead_code, reason = "each example uses some of it")]

pub mod digit;
pub mod pictures;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use firmnet::data::Mnist;

/// What decides how a training goes, whatever is learnt.
#[derive(clap::Args)]
pub struct Run {
    /// Where the random numbers come from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Threads; all cores with 0.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
}

/// MNIST, with the first `samples` images to learn from.
pub fn mnist(samples: usize) -> Result<Mnist> {
    ensure!(samples > 0, "--samples is at least 1");
    let mut mnist = Mnist::load(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/mnist"))?;
    mnist.train.truncate(samples);
    Ok(mnist)
}

/// The folder `name` of the data beside this project, or in `FIRMNET_DATA`, if it is there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("FIRMNET_DATA").map_or_else(beside, PathBuf::from).join(name);
    folder.is_dir().then_some(folder)
}
