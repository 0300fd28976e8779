//! `ZeroPad2d` in bytes: its zeros go into the padding of the layers behind it.

use crate::infer::Node;
use crate::int8::{Call, Layer, Quantize, Role};
use crate::layer::FromBytes;
use crate::layers::ZeroPad2d;
use crate::layers::zero_pad2d::Args;

/// [`ZeroPad2d`], of which nothing is left.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct ZeroPad2dInt8;

impl Quantize for ZeroPad2d {
    type Int8<const A: usize, const B: usize> = ZeroPad2dInt8;
}

impl Layer for ZeroPad2dInt8 {
    type Args = Args;
    const ROLE: Role = Role::Pad;

    fn forward(&self, _: &Node<Args>, _: Call<'_>) {}
}
