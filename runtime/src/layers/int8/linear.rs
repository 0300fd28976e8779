//! `Linear` in bytes.

use super::rows::Rows;
use crate::infer::Node;
use crate::int8::{Call, Layer, Quantize, Role};
use crate::kernel::int8::dense;
use crate::layer::{FromBytes, Tensor};
use crate::layers::Linear;
use crate::layers::linear::Args;

#[cfg(feature = "std")]
use crate::int8::fill::{At, Weights, in_memory_order};
#[cfg(feature = "std")]
use crate::kernel::int8::pack;
#[cfg(feature = "std")]
use crate::network::Part;

/// [`Linear`] with `O` rows of weights, in `W` words.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct LinearInt8<const W: usize, const O: usize>(Rows<W, O>);

impl Quantize for Linear {
    type Int8<const W: usize, const O: usize> = LinearInt8<W, O>;
}

impl<const W: usize, const O: usize> Layer for LinearInt8<W, O> {
    type Args = Args;
    const ROLE: Role = Role::Kernel(Role::KERNEL.clamps().folds().any_order());
    const TENSORS: &'static [Tensor] = Rows::<W, O>::TENSORS;

    fn tensor(&self, i: usize) -> &[u8] {
        self.0.tensor(i)
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [u8] {
        self.0.tensor_mut(i)
    }

    #[inline]
    fn forward(&self, node: &Node<Args>, call: Call<'_>) {
        let inputs = node.input.dim(node.input.rank().saturating_sub(1)).max(1);
        for (x, y) in call.x[0].chunks_exact(inputs).zip(call.y.chunks_exact_mut(O.max(1))) {
            dense(x, self.0.packed(), self.0.bytes(), call.scratch, y);
        }
    }

    #[cfg(feature = "std")]
    fn fill(&mut self, _: &Node<Args>, float: &dyn Part, at: &At<'_>) {
        let weights = at.weights.clone().unwrap_or_else(|| {
            let weight = in_memory_order(at.order, O, float.get(0));
            Weights::of(O, &weight, float.get(1), at.x[0], at.after)
        });
        let inputs = weights.weight.len() / O.max(1);
        self.0
            .fill(&weights, at, true, |weight, packed| pack::pack_rows(O, inputs, weight, packed));
    }
}
