//! What firmnet's networks run on: shapes and memory plans worked out by the compiler, kernels, layers,
//! losses and optimizers. `no_std`, and no heap unless a feature asks for one.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
pub mod data;
pub mod init;
pub mod kernel;
pub mod loss;
pub mod optim;
pub mod sample;
pub mod shape;
pub mod text;
pub mod batch;
pub mod infer;
pub mod layer;
pub mod layers;
pub mod memory;
pub mod network;
pub mod pass;
pub mod plan;
pub mod summary;
#[doc(hidden)]
pub use zerocopy;
