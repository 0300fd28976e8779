//! Files: parameters in safetensors, and writing that never leaves half a file; on a device, two slots of its flash.

#[cfg(feature = "std")]
pub mod atomic;
#[cfg(feature = "flash")]
pub mod flash;
mod include_weights;
#[cfg(feature = "std")]
pub(crate) mod network;
pub mod safetensors;
