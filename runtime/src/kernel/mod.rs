//! The loops: slices and strides, never a layer.
//!
//! The only room with `unsafe`, and the only one with loops worth optimising.

mod each;
mod math;
mod vector;

pub use each::{Formula, each};
pub use math::{erf, exp, ln, sigmoid, sqrt, tanh};
pub use vector::Vector;
