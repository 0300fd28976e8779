//! Neural networks with firm shapes.
#![no_std]
pub use firmnet_runtime::kernel;
