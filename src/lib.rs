//! Neural networks with firm shapes: declared in Rust, checked by the compiler, at home on a microcontroller.
//!
//! [`network!`] turns a declaration into a struct of arrays with a forward and a backward pass. The compiler checks every shape on the
//! way and plans all memory. Layers, losses, optimizers, their arguments and their numbers are PyTorch's.
//!
//! # A tour
//!
//! ```
//! use firmnet::prelude::*;
//! use rand::SeedableRng;
//!
//! network! {
//!     /// Four measures of a flower, three species.
//!     pub struct Iris: [4] -> [3] {
//!         fc1: Linear(16), ReLU,
//!         fc2: Linear(3),
//!     }
//! }
//!
//! // Known to the compiler:
//! const _: () = assert!(Iris::PARAMETERS == (4 * 16 + 16) + (16 * 3 + 3));
//!
//! // A sample is an array, and a batch a slice of them.
//! let flowers = [[5.1, 3.5, 1.4, 0.2], [7.0, 3.2, 4.7, 1.4], [6.3, 3.3, 6.0, 2.5]];
//! let species = [0_u8, 1, 2];
//!
//! // All chance comes from the caller's generator.
//! let mut rng = rand::rngs::StdRng::seed_from_u64(1);
//! let mut net = Iris::boxed(&mut rng);
//! let mut memory = Workspace::new();
//!
//! let adam = Adam::new(0.01);
//! let (mut grad, mut state) = (Iris::ZERO, adam.state());
//! let mut loss = f32::INFINITY;
//! for _ in 0..300 {
//!     let mut pass = net.forward_training(&flowers, &mut memory, &mut rng);
//!     loss = pass.loss(&CrossEntropyLoss::new(), &species);
//!     pass.gradient(&net, &mut grad);
//!     adam.step(&mut *net, &grad, &mut state);
//! }
//! assert!(loss < 0.1);
//!
//! // Parameters are fields, in PyTorch's layout.
//! let _: [[f32; 4]; 16] = net.fc1.weight;
//! ```
//!
//! The [`Trainer`](train::Trainer) is this loop with all that a training takes: shuffled batches, validation, schedules, clipping, early
//! stopping, checkpoints.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use firmnet::prelude::*;
//! # use rand::SeedableRng;
//! # network! { pub struct Iris: [4] -> [3] { fc1: Linear(16), ReLU, fc2: Linear(3) } }
//! # let mut rng = rand::rngs::StdRng::seed_from_u64(1);
//! # let flower = |i: usize| ([i as f32 / 60.0, 0.0, 0.5, 1.0], i / 20);
//! # let mut flowers: Vec<([f32; 4], usize)> = (0..60).map(flower).collect();
//! # let held_back: Vec<_> = flowers.extract_if(.., |flower| flower.0[0] * 60.0 % 5.0 < 0.5).collect();
//! let mut net = Iris::boxed(&mut rng);
//! let mut trainer = Trainer::new(Adam::new(0.01), CrossEntropyLoss::new())
//!     .epochs(100)
//!     .batch_size(16)
//!     .seed(1)
//!     .schedule(CosineAnnealingLr::new(100))
//!     .clip_norm(1.0)
//!     .early_stopping(EarlyStopping::new(20))
//!     .keep_best();
//! let history = trainer.fit(&mut *net, &flowers, &held_back)?;
//! println!("{history}");
//!
//! let score = trainer.evaluate(&net, &held_back);
//! assert!(score.metric > Some(0.8));
//!
//! // To a file, by PyTorch's names, and back:
//! # let folder = tempfile::tempdir()?;
//! # let file = folder.path().join("iris.safetensors");
//! net.save(&file)?;
//! net.load(&file)?;
//! # Ok(())
//! # }
//! ```
//!
//! Without a heap, the network is a `static` or a local, and the memory of a pass an [`Arena`](memory::Arena) whose size is a constant:
//!
//! ```
//! # use firmnet::prelude::*;
//! # network! { pub struct Iris: [4] -> [3] { fc1: Linear(16), ReLU, fc2: Linear(3) } }
//! static NET: Iris = Iris::ZERO;
//!
//! let mut memory = Iris::workspace();
//! let logits: &[f32; 3] = NET.forward(&[5.1, 3.5, 1.4, 0.2], &mut memory);
//! assert_eq!(logits, &[0.0; 3]);
//!
//! // To train on 8 samples at a time:
//! let memory = Arena::<{ Iris::TRAINING.len(8) }>::new();
//! ```
//!
//! # Where to look
//!
//! | for | see |
//! |---|---|
//! | what may be declared | [`network!`] |
//! | what a network can do | [`Network`](network::Network), [`Pass`](network::Pass) |
//! | layers, their arguments and formulas | [`layers`] |
//! | epochs, batches, evaluation, early stopping, checkpoints | [`Trainer`](train::Trainer) |
//! | accuracy, confusion matrices, errors of regressions | [`metrics`] |
//! | data sets, files of parameters | [`data`], [`io`] |
//! | a trained network in flash | [`include_weights!`] |
//! | pruning, clustering, narrower networks | [`compress`] |
//! | losses, optimizers, schedules | [`loss`], [`optim`], [`schedule`], [`clip`], [`penalty`] |
//! | first values of parameters | [`init`] |
//! | memory | [`memory`], [`plan`] |
//! | sequences, whole or step by step | [`seq`], [`mod@stream`] |
//! | a network as a layer of another | [`nested`] |
//! | a network in bytes, and training for it | [`int8`] |
//! | a layer of one's own | [`layer::Layer`], [`infer::Inferred`] |
//!
//! # Features
//!
//! - `std` (on by default): files, data sets and threads; the processor's vectors are chosen at run time.
//! - `alloc` (with `std`): networks in a `Box`, and memory that grows.
//! - Neither: `no_std`, and no allocator. Nothing else changes.
#![no_std]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[doc = include_str!("network.md")]
pub use firmnet_macros::network;
#[cfg(feature = "alloc")]
pub use firmnet_runtime::compress;
pub use firmnet_runtime::{
    batch, bits, cast, clip, generic, include_weights, infer, init, int8, int8_kind, io, kernel,
    keyword, kind, layer, layers, length, loss, memory, metrics, nested, nested_keyword, network,
    optim, pack, pass, penalty, plan, positional, sample, schedule, seq, shape, stream, summary,
    text, workspace,
};
#[cfg(feature = "std")]
pub use firmnet_runtime::{data, prepared, train};

/// All that a network needs: the macro, the layers, the losses, the optimizers and the traits.
pub mod prelude {
    pub use crate::include_weights;
    pub use crate::int8::Network as _;
    #[cfg(feature = "std")]
    pub use crate::int8::{Calibration, Qat};
    pub use crate::layers::*;
    pub use crate::loss::*;
    pub use crate::memory::*;
    pub use crate::metrics::*;
    pub use crate::network;
    pub use crate::network::Network;
    pub use crate::optim::*;
    #[cfg(feature = "std")]
    pub use crate::prepared::Prepared;
    pub use crate::schedule::*;
    pub use crate::seq::Seq;
    #[cfg(feature = "std")]
    pub use crate::train::*;
}
