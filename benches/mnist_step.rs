//! Times training steps of the MNIST network (examples/mnist.rs) on real images, and prints the median in milliseconds.
//!
//! `cargo bench --bench mnist_step -- [--steps 100] [--batch 64] [--threads 2]`; `benches/peers/mnist_step.sh` puts PyTorch beside it.

use std::time::Instant;

use clap::Parser;
use firmnet::data::Mnist;
use firmnet::prelude::*;
use rand::SeedableRng;

network! {
    /// The network of the PyTorch MNIST example.
    pub struct MnistCnn: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3), Relu,
        conv2: Conv2d(64, 3), Relu,
        MaxPool2d(2), Dropout2d(0.25), Flatten,
        fc1: Linear(128), Relu, Dropout(0.5),
        fc2: Linear(10), LogSoftmax,
    }
}

#[derive(Parser)]
struct Args {
    /// Training steps.
    #[arg(long, default_value_t = 100)]
    steps: usize,
    /// Samples in a step.
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let mnist = Mnist::load(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/mnist"))?;
    let images: Vec<_> = mnist.train.iter().map(|sample| sample.0).collect();
    let labels: Vec<_> = mnist.train.iter().map(|sample| sample.1).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.threads).build()?;
    let (mut times, mut loss) = (vec![], 0.0);
    pool.install(|| {
        let mut rng = rand::rngs::StdRng::seed_from_u64(0);
        let (mut net, mut grad) = (MnistCnn::boxed(&mut rng), MnistCnn::boxed_zero());
        let (adam, mut memory) = (Adam::new(1e-3), Workspace::new());
        let mut state = adam.state();
        for step in 0..args.steps {
            let at = step * args.batch % (images.len() - args.batch);
            let start = Instant::now();
            let mut pass = net.forward_training(&images[at..][..args.batch], &mut memory, &mut rng);
            loss = pass.loss(&NllLoss::new(), &labels[at..][..args.batch]);
            pass.gradient(&net, &mut grad);
            adam.step(&mut *net, &grad, &mut state);
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
    });
    times.sort_by(f64::total_cmp);
    println!("{:.2}  # loss {loss:.4}", times[times.len() / 2]);
    Ok(())
}
