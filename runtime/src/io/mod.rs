//! Files: parameters in safetensors, and writing that never leaves half a file.

#[cfg(feature = "std")]
pub mod atomic;
mod include_weights;
#[cfg(feature = "std")]
pub(crate) mod network;
pub mod safetensors;
