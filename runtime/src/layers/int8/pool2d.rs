//! `MaxPool2d`, `AvgPool2d` and `AdaptiveAvgPool2d` in bytes: the output has the scale of the input.

use core::marker::PhantomData;

use bytemuck::{must_cast_slice, must_cast_slice_mut};

use crate::infer::Node;
use crate::int8::{Call, Layer, Quantize, Role};
use crate::io::safetensors::Dtype;
use crate::kernel::Pool2d;
use crate::kernel::int8::{Bytes, avg_pool2d, max_pool2d};
use crate::layer::{FromBytes, Kind, Tensor};
use crate::layers::{AdaptiveAvgPool2d, AvgPool2d, MaxPool2d};

#[cfg(feature = "std")]
use crate::int8::fill::At;
#[cfg(feature = "std")]
use crate::network::Part;

/// A layer that makes one number of each window.
pub trait Pool: Kind + 'static {
    /// The windows.
    fn windows(node: &Node<Self::Args>) -> Pool2d;
    /// Writes `y`.
    fn pool(windows: &Pool2d, channels: usize, x: &[i8], bytes: &Bytes, y: &mut [i8]);
}

impl Pool for MaxPool2d {
    #[inline(always)]
    fn windows(node: &Node<Self::Args>) -> Pool2d {
        node.args.windows.shape(node.input, node.output)
    }
    #[inline(always)]
    fn pool(windows: &Pool2d, channels: usize, x: &[i8], bytes: &Bytes, y: &mut [i8]) {
        max_pool2d(windows, channels, x, bytes, y);
    }
}

impl Pool for AvgPool2d {
    #[inline(always)]
    fn windows(node: &Node<Self::Args>) -> Pool2d {
        node.args.windows.shape(node.input, node.output)
    }
    #[inline(always)]
    fn pool(windows: &Pool2d, channels: usize, x: &[i8], bytes: &Bytes, y: &mut [i8]) {
        avg_pool2d(windows, channels, x, bytes, y);
    }
}

impl Pool for AdaptiveAvgPool2d {
    #[inline(always)]
    fn windows(node: &Node<Self::Args>) -> Pool2d {
        let (x, y) = (node.input, node.output);
        let size = [x.dim(1) / y.dim(1).max(1), x.dim(2) / y.dim(2).max(1)];
        Pool2d {
            height: x.dim(1),
            width: x.dim(2),
            out_height: y.dim(1),
            out_width: y.dim(2),
            kernel: size,
            stride: size,
            padding: [0; 2],
            dilation: [1; 2],
        }
    }
    #[inline(always)]
    fn pool(windows: &Pool2d, channels: usize, x: &[i8], bytes: &Bytes, y: &mut [i8]) {
        avg_pool2d(windows, channels, x, bytes, y);
    }
}

macro_rules! pools {
    ($($layer:ident)*) => {$(
        impl Quantize for $layer {
            type Int8<const N: usize, const B: usize> = PoolInt8<$layer, N>;
        }
    )*};
}

pools!(MaxPool2d AvgPool2d AdaptiveAvgPool2d);

/// A layer of `K`. `N` is 1.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct PoolInt8<K, const N: usize> {
    bytes: [Bytes; N],
    layer: PhantomData<fn() -> K>,
}

impl<K: Pool, const N: usize> Layer for PoolInt8<K, N> {
    type Args = K::Args;
    const ROLE: Role = Role::Kernel(Role::KERNEL.clamps().scale_of_input());
    const TENSORS: &'static [Tensor] = match N {
        0 => &[],
        _ => &[Tensor::parameter("bytes", &[4]).of(Dtype::I8)],
    };

    fn tensor(&self, _: usize) -> &[u8] {
        must_cast_slice(&self.bytes)
    }
    fn tensor_mut(&mut self, _: usize) -> &mut [u8] {
        must_cast_slice_mut(&mut self.bytes)
    }

    fn forward(&self, node: &Node<K::Args>, call: Call<'_>) {
        if let Some(bytes) = self.bytes.first() {
            K::pool(&K::windows(node), node.input.dim(0), call.x[0], bytes, call.y);
        }
    }

    #[cfg(feature = "std")]
    fn fill(&mut self, _: &Node<K::Args>, _: &dyn Part, at: &At<'_>) {
        self.bytes = [at.bytes(0); N];
    }
}
