//! Data sets from files, as vectors of samples.

mod idx;
mod mnist;

pub use idx::{Idx, IdxError, Image, Scale};
pub use mnist::Mnist;
