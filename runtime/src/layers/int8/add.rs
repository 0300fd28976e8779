//! `Add` in bytes, of two inputs.

use bytemuck::{must_cast_slice, must_cast_slice_mut};

use crate::infer::Node;
use crate::int8::{Call, Layer, Quantize, Role};
use crate::io::safetensors::Dtype;
use crate::kernel::int8::{self as kernel, Bytes};
use crate::layer::{FromBytes, Tensor};
use crate::layers::Add;
use crate::layers::add::Args;

#[cfg(feature = "std")]
use crate::int8::fill::At;
#[cfg(feature = "std")]
use crate::network::Part;

/// [`Add`]. `N` is 1.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct AddInt8<const N: usize> {
    add: [kernel::Add; N],
    /// Of the first input and the output, and of the second.
    bytes: [[Bytes; 2]; N],
}

impl Quantize for Add {
    type Int8<const N: usize, const B: usize> = AddInt8<N>;
}

impl<const N: usize> Layer for AddInt8<N> {
    type Args = Args;
    const ROLE: Role = Role::Kernel(Role::KERNEL.clamps().keeps_order());
    const TENSORS: &'static [Tensor] = match N {
        0 => &[],
        _ => &[
            Tensor::parameter("factors", &[3, 2]).of(Dtype::I32),
            Tensor::parameter("bytes", &[2, 4]).of(Dtype::I8),
        ],
    };

    fn tensor(&self, i: usize) -> &[u8] {
        if i == 0 { must_cast_slice(&self.add) } else { must_cast_slice(&self.bytes) }
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [u8] {
        if i == 0 {
            must_cast_slice_mut(&mut self.add)
        } else {
            must_cast_slice_mut(&mut self.bytes)
        }
    }

    fn forward(&self, _: &Node<Args>, call: Call<'_>) {
        let (Some(add), Some([first, second])) = (self.add.first(), self.bytes.first()) else {
            return;
        };
        let zeros = [first.input_zero, second.input_zero];
        kernel::add(add, [call.x[0], call.x[1]], zeros, first, call.y);
    }

    #[cfg(feature = "std")]
    fn fill(&mut self, _: &Node<Args>, _: &dyn Part, at: &At<'_>) {
        let [a, b, ..] = at.x;
        self.add = [kernel::Add::of([a.scale, b.scale], at.y.scale); N];
        self.bytes = [[at.bytes(0), at.bytes(1)]; N];
    }
}
