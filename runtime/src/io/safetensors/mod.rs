//! safetensors, the format of tensors with names, as published (<https://github.com/huggingface/safetensors>): eight bytes
//! with the length of a header, the header in JSON, and the numbers, little-endian and row-major.
//!
//! One strict reader of headers, [`Header`], serves the program and the compiler alike: it is a `const fn` and needs no heap.
//! That is why the format is read here and not by the `safetensors` crate, which judges this reader in the tests.

// The message of a fault is large, and there is at most one in the life of a file.
#![allow(clippy::result_large_err)]

#[cfg(feature = "std")]
mod error;
#[cfg(feature = "std")]
mod file;
mod header;
mod json;
mod near;
mod place;
#[cfg(feature = "std")]
mod write;

#[cfg(feature = "std")]
pub use error::Error;
#[cfg(feature = "std")]
pub use file::{File, Floats, Metadata, View};
pub use header::{Dtype, Entry, Header};
pub use place::place;
#[cfg(feature = "std")]
pub use write::write;
#[cfg(feature = "std")]
pub(crate) use write::write_bytes;
