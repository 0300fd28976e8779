//! One file a layer in bytes: what it holds, forward, and how it follows from the layer in `f32`.

mod add;
mod affine;
mod concat;
mod conv2d;
mod linear;
mod pad;
mod pool2d;
mod recurrent;
mod rows;
mod softmax;
mod table;
mod view;

pub(super) use conv2d::infer as conv2d;
pub(super) use recurrent::infer as recurrent;
