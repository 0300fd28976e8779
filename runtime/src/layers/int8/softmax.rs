//! `Softmax` and `LogSoftmax` in bytes.

use bytemuck::{must_cast_slice, must_cast_slice_mut};

use crate::infer::Node;
use crate::int8::{Call, Layer, Quantize, Role, Scale};
use crate::io::safetensors::Dtype;
use crate::kernel::int8 as kernel;
use crate::layer::{FromBytes, Tensor};
use crate::layers::softmax::Args;
use crate::layers::{LogSoftmax, Softmax};

#[cfg(feature = "std")]
use crate::int8::fill::At;
#[cfg(feature = "std")]
use crate::network::Part;

/// [`Softmax`]: probabilities in 256 steps. `N` is 1.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct SoftmaxInt8<const N: usize> {
    softmax: [kernel::Softmax; N],
}

impl Quantize for Softmax {
    type Int8<const N: usize, const B: usize> = SoftmaxInt8<N>;
}

impl<const N: usize> Layer for SoftmaxInt8<N> {
    type Args = Args;
    const ROLE: Role = Role::Kernel(Role::KERNEL.keeps_order().fixed(Scale::PROBABILITY));
    const TENSORS: &'static [Tensor] = match N {
        0 => &[],
        _ => &[Tensor::parameter("softmax", &[3]).of(Dtype::I32)],
    };

    fn tensor(&self, _: usize) -> &[u8] {
        must_cast_slice(&self.softmax)
    }
    fn tensor_mut(&mut self, _: usize) -> &mut [u8] {
        must_cast_slice_mut(&mut self.softmax)
    }

    fn forward(&self, node: &Node<Args>, call: Call<'_>) {
        let Some(softmax) = self.softmax.first() else { return };
        let (classes, _) = node.args.axis.sizes(node.input);
        let classes = classes.max(1);
        for (x, y) in call.x[0].chunks_exact(classes).zip(call.y.chunks_exact_mut(classes)) {
            softmax.row(x, y);
        }
    }

    #[cfg(feature = "std")]
    fn fill(&mut self, _: &Node<Args>, _: &dyn Part, at: &At<'_>) {
        self.softmax = [kernel::Softmax::of(at.x[0].scale); N];
    }
}

/// [`LogSoftmax`]: what comes in, as it is. Which is the largest is not changed by it, and logarithms of probabilities are not what bytes
/// are good for.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct LogSoftmaxInt8;

impl Quantize for LogSoftmax {
    type Int8<const A: usize, const B: usize> = LogSoftmaxInt8;
}

impl Layer for LogSoftmaxInt8 {
    type Args = Args;
    const ROLE: Role = Role::Last;

    fn forward(&self, _: &Node<Args>, call: Call<'_>) {
        call.y.iter_mut().zip(call.x[0]).for_each(|(y, x)| *y = *x);
    }
}
