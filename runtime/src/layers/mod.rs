//! One file a layer: its arguments, shape rule, parameters, forward and backward.

mod conv2d;
mod dropout;
mod dropout2d;
pub mod elementwise;
mod elu;
mod flatten;
mod gelu;
mod hardsigmoid;
mod hardswish;
mod leaky_relu;
mod linear;
mod log_softmax;
mod max_pool2d;
mod pool2d;
mod prelu;
mod relu;
mod selu;
mod sigmoid;
mod silu;
mod softmax;
mod softplus;
mod tanh;
mod view;

pub use conv2d::Conv2d;
pub use dropout::Dropout;
pub use dropout2d::Dropout2d;
pub use elu::ELU;
pub use flatten::Flatten;
pub use gelu::GELU;
pub use hardsigmoid::Hardsigmoid;
pub use hardswish::Hardswish;
pub use leaky_relu::LeakyReLU;
pub use linear::Linear;
pub use log_softmax::LogSoftmax;
pub use max_pool2d::MaxPool2d;
pub use prelu::PReLU;
pub use relu::ReLU;
/// Another spelling of [`ReLU`].
pub use relu::ReLU as Relu;
pub use selu::SELU;
pub use sigmoid::Sigmoid;
pub use silu::SiLU;
pub use softmax::Softmax;
pub use softplus::Softplus;
pub use tanh::Tanh;
