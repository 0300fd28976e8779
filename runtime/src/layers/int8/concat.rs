//! `Concat` in bytes: all inputs and the output have one scale.

use crate::infer::Node;
use crate::int8::{Call, Layer, Quantize, Role};
use crate::layer::FromBytes;
use crate::layers::Concat;
use crate::layers::concat::Args;

/// [`Concat`].
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct ConcatInt8;

impl Quantize for Concat {
    type Int8<const A: usize, const B: usize> = ConcatInt8;
}

impl Layer for ConcatInt8 {
    type Args = Args;
    const ROLE: Role = Role::Kernel(Role::KERNEL.one_scale());

    fn forward(&self, node: &Node<Args>, call: Call<'_>) {
        let (runs, mut start) = (node.args.runs_in_bytes(node.output), 0);
        let whole: usize = runs.iter().sum();
        for (x, &run) in call.x.into_iter().zip(&runs).filter(|(x, _)| !x.is_empty()) {
            let places = call.y.get_mut(start..).unwrap_or_default().chunks_mut(whole.max(1));
            for (x, y) in x.chunks_exact(run.max(1)).zip(places) {
                y.iter_mut().zip(x).for_each(|(y, x)| *y = *x);
            }
            start += run;
        }
    }
}
