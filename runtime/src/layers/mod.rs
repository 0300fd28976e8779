//! One file a layer: its arguments, shape rule, parameters, forward and backward.

mod conv2d;
pub mod elementwise;
mod flatten;
mod linear;
mod relu;
mod view;

pub use conv2d::Conv2d;
pub use flatten::Flatten;
pub use linear::Linear;
pub use relu::ReLU;
/// Another spelling of [`ReLU`].
pub use relu::ReLU as Relu;
