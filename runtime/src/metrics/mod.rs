//! How good answers are: of classes, and of numbers.

mod class;
#[cfg(feature = "alloc")]
mod confusion;
mod regression;

pub use class::{argmax, in_top};
#[cfg(feature = "alloc")]
pub use confusion::{Average, Confusion, Scores};
pub use regression::Regression;
