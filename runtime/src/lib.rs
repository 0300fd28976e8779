//! What firmnet's networks run on: shapes and memory plans worked out by the compiler, kernels, layers,
//! losses and optimizers. `no_std`, and no heap unless a feature asks for one.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod batch;
pub mod cast;
pub mod clip;
#[cfg(feature = "std")]
pub mod data;
pub mod infer;
pub mod init;
pub mod kernel;
pub mod layer;
pub mod layers;
pub mod loss;
pub mod memory;
pub mod network;
pub mod optim;
pub mod pass;
pub mod penalty;
pub mod plan;
pub mod sample;
pub mod schedule;
pub mod shape;
pub mod summary;
pub mod text;
#[doc(hidden)]
pub use zerocopy;
