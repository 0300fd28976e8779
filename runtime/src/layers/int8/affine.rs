//! Batch normalisation in bytes: its factors go into the weights of the layer before it.

#[cfg(feature = "std")]
use std::vec::Vec;

use crate::infer::Node;
use crate::int8::{Call, Layer, Quantize, Role};
use crate::layer::FromBytes;
use crate::layers::BatchNorm;
use crate::layers::batch_norm::Args;

#[cfg(feature = "std")]
use crate::int8::fill::After;
#[cfg(feature = "std")]
use crate::network::Part;

/// [`BatchNorm`], of which nothing is left.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct BatchNormInt8;

impl<const D: usize> Quantize for BatchNorm<D> {
    type Int8<const A: usize, const B: usize> = BatchNormInt8;
}

impl Layer for BatchNormInt8 {
    type Args = Args;
    const ROLE: Role = Role::Affine;

    fn forward(&self, _: &Node<Args>, _: Call<'_>) {}

    /// With `factor = weight / √(var + eps)`: `y = factor · x + bias − mean · factor`.
    #[cfg(feature = "std")]
    fn merge(node: &Node<Args>, float: &dyn Part, after: &mut After) {
        let channels = node.input.dim(0);
        let args = &node.args;
        let (weight, bias) = match args.affine {
            true => (float.get(0), float.get(1)),
            false => (&[][..], &[][..]),
        };
        let statistics = if args.affine { 2 } else { 0 };
        let (mean, var) = (float.get(statistics), float.get(statistics + 1));
        let of = |numbers: &[f32], c: usize, none| numbers.get(c).copied().unwrap_or(none);
        let factor: Vec<f32> = (0..channels)
            .map(|c| of(weight, c, 1.0) / (of(var, c, 1.0) + args.eps).sqrt())
            .collect();
        let shift: Vec<f32> =
            (0..channels).map(|c| of(bias, c, 0.0) - of(mean, c, 0.0) * factor[c]).collect();
        after.affine(&factor, &shift);
    }
}
