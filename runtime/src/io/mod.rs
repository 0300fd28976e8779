//! Files: parameters in safetensors, and writing that never leaves half a file.

#[cfg(feature = "std")]
pub mod atomic;
pub mod safetensors;
