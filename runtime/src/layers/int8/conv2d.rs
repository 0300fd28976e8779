//! `Conv2d` in bytes.

use super::rows::Rows;
use crate::infer::{Inferred, Node};
use crate::int8::{Call, Layer, Quantize, Role};
use crate::kernel::Conv2d as Shape;
use crate::kernel::int8::{conv2d, conv2d_scratch, pack};
use crate::layer::{FromBytes, Tensor};
use crate::layers::Conv2d;
use crate::layers::conv2d::{Args, shape};

#[cfg(feature = "std")]
use crate::int8::fill::{At, Weights};
#[cfg(feature = "std")]
use crate::network::Part;

/// [`Conv2d`] with `O` channels that come out, and weights in `W` words.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Conv2dInt8<const W: usize, const O: usize>(Rows<W, O>);

/// What the layer needs in bytes.
pub(in crate::layers) const fn infer(inferred: Inferred<Args>) -> Inferred<Args> {
    if inferred.fault.is_some() {
        return inferred;
    }
    let shape = shape(&inferred.node);
    let padded = Shape { padding: [shape.padding[0] + 1, shape.padding[1] + 1], ..shape };
    inferred
        .int8([pack::conv2d(&shape), shape.out_channels], conv2d_scratch(&shape))
        .int8_padded(conv2d_scratch(&padded))
}

impl Quantize for Conv2d {
    type Int8<const W: usize, const O: usize> = Conv2dInt8<W, O>;
}

impl<const W: usize, const O: usize> Layer for Conv2dInt8<W, O> {
    type Args = Args;
    const ROLE: Role = Role::Kernel(Role::KERNEL.clamps().folds().pads());
    const TENSORS: &'static [Tensor] = Rows::<W, O>::TENSORS;

    fn tensor(&self, i: usize) -> &[u8] {
        self.0.tensor(i)
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [u8] {
        self.0.tensor_mut(i)
    }

    #[inline]
    fn forward(&self, node: &Node<Args>, call: Call<'_>) {
        let mut shape = shape(node);
        let [left, right, top, bottom] = call.pad;
        shape.height -= top + bottom;
        shape.width -= left + right;
        shape.padding = [shape.padding[0] + top, shape.padding[1] + left];
        conv2d(&shape, call.x[0], self.0.packed(), self.0.bytes(), call.scratch, call.y);
    }

    #[cfg(feature = "std")]
    fn fill(&mut self, node: &Node<Args>, float: &dyn Part, at: &At<'_>) {
        let shape = shape(node);
        let (taps, channels) =
            (shape.kernel[0] * shape.kernel[1], shape.in_channels / shape.groups);
        let weights = at.weights.clone().unwrap_or_else(|| {
            let declared = float.get(0);
            // From [out][channel][tap] to [out][tap][channel].
            let place = |i: usize| {
                let (out, tap, channel) =
                    (i / (taps * channels), i / channels % taps, i % channels);
                declared[(out * channels + channel) * taps + tap]
            };
            let weight: std::vec::Vec<f32> = (0..declared.len()).map(place).collect();
            Weights::of(O, &weight, float.get(1), at.x[0], at.after)
        });
        self.0
            .fill(&weights, at, false, |weight, packed| pack::pack_conv2d(&shape, weight, packed));
    }
}
