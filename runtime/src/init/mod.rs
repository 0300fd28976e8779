//! First values of parameters: one file an initialiser, with PyTorch's names, arguments and distributions.
//!
//! Each fills a flat slice from the caller's generator, so that the same seed gives the same network.

mod uniform;

pub use uniform::{fan_in_uniform, uniform};
