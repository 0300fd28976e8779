//! The loops: slices and strides, never a layer.
//!
//! The only room with `unsafe`, and the only one with loops worth optimising.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod dispatch;
mod each;
mod math;
#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
mod neon;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
mod vector;

pub use dispatch::Isa;
pub use each::{Formula, each};
pub use math::{erf, exp, ln, sigmoid, sqrt, tanh};
pub use vector::Vector;
