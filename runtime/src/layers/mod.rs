//! One file a layer: its arguments, shape rule, parameters, forward and backward.

mod conv2d;
mod dropout;
mod dropout2d;
pub mod elementwise;
mod flatten;
mod linear;
mod log_softmax;
mod max_pool2d;
mod pool2d;
mod relu;
mod softmax;
mod view;

pub use conv2d::Conv2d;
pub use dropout::Dropout;
pub use dropout2d::Dropout2d;
pub use flatten::Flatten;
pub use linear::Linear;
pub use log_softmax::LogSoftmax;
pub use max_pool2d::MaxPool2d;
pub use relu::ReLU;
/// Another spelling of [`ReLU`].
pub use relu::ReLU as Relu;
pub use softmax::Softmax;
