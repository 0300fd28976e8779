//! What layers with weights hold in bytes.

use core::slice::{from_mut, from_ref};

use bytemuck::{must_cast_slice, must_cast_slice_mut};

use crate::io::safetensors::Dtype;
use crate::kernel::int8::{Bytes, Channel, Four, Packed};
use crate::layer::{FromBytes, Tensor};

#[cfg(feature = "std")]
use crate::int8::fill::{At, Weights};
#[cfg(feature = "std")]
use crate::kernel::int8::{Requantize, conv_scale, dense_scale};

/// Packed weights of `W` words, and what becomes of the sum of each of `O` channels.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub(super) struct Rows<const W: usize, const O: usize> {
    weight: [Four; W],
    channels: [Channel; O],
    bytes: Bytes,
}

impl<const W: usize, const O: usize> Rows<W, O> {
    pub(super) const TENSORS: &'static [Tensor] = &[
        Tensor::parameter("weight", &[W, 4]).of(Dtype::I8),
        Tensor::parameter("channels", &[O, 3]).of(Dtype::I32),
        Tensor::parameter("bytes", &[4]).of(Dtype::I8),
    ];

    pub(super) fn tensor(&self, i: usize) -> &[u8] {
        match i {
            0 => must_cast_slice(&self.weight),
            1 => must_cast_slice(&self.channels),
            _ => must_cast_slice(from_ref(&self.bytes)),
        }
    }
    pub(super) fn tensor_mut(&mut self, i: usize) -> &mut [u8] {
        match i {
            0 => must_cast_slice_mut(&mut self.weight),
            1 => must_cast_slice_mut(&mut self.channels),
            _ => must_cast_slice_mut(from_mut(&mut self.bytes)),
        }
    }

    #[inline(always)]
    pub(super) fn packed(&self) -> Packed<'_> {
        Packed { weight: &self.weight, channels: &self.channels }
    }

    #[inline(always)]
    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Takes `weights`, which `pack` packs; with one scale for all of them, `dense` layers round as they do in TensorFlow Lite.
    #[cfg(feature = "std")]
    pub(super) fn fill(
        &mut self,
        weights: &Weights,
        at: &At<'_>,
        dense: bool,
        pack: impl Fn(&dyn Fn(usize, usize) -> i8, &mut [Four]),
    ) {
        let (input, output) = (at.x[0], at.y);
        self.bytes = at.bytes(0);
        let taps = weights.weight.len() / O.max(1);
        pack(&|row, tap| weights.weight[row * taps + tap], &mut self.weight);
        let rows = weights.weight.chunks_exact(taps.max(1)).zip(&weights.bias);
        for (o, (channel, (row, &bias))) in self.channels.iter_mut().zip(rows).enumerate() {
            let one = weights.scale.len() == 1;
            let scale = weights.scale[if one { 0 } else { o }];
            let factor = match dense && one {
                true => dense_scale(input.scale, scale, output.scale),
                false => conv_scale(input.scale, scale, output.scale),
            };
            let requantize = Requantize::of(factor);
            *channel = Channel::new(row.iter().copied(), bias, input.zero as i8, requantize);
        }
    }
}
