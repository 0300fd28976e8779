//! What `GroupNorm` and `InstanceNorm` have in common: groups of channels of each sample brought to mean 0 and variance 1, those of samples that
//! are equally long together.

use super::runs::{Run, runs};
use crate::infer::Node;
use crate::kernel::{self, Groups};
use crate::layer::{Backward, Forward};

/// `y = weight · (x − mean) / √(var + eps) + bias`, with the means of `groups`.
pub(super) fn forward<A: Copy>(
    node: &Node<A>,
    call: Forward<'_>,
    groups: impl Fn(&Node<A>, &Run) -> Groups,
    weight: &[f32],
    bias: &[f32],
) {
    for run in runs(node, call.n, call.lengths) {
        let (groups, at) = (groups(node, &run), run.x);
        let x = (!call.in_place).then(|| &call.x[0][at.clone()]);
        kernel::normalise(groups, x, weight, bias, &mut call.y[at]);
    }
}

/// As for [`LayerNorm`](super::LayerNorm), with the means of `groups`; adds to `dweight` and `dbias` where there is a weight.
pub(super) fn backward<A: Copy>(
    node: &Node<A>,
    call: Backward<'_>,
    groups: impl Fn(&Node<A>, &Run) -> Groups,
    weight: &[f32],
    [dweight, dbias]: [&mut [f32]; 2],
) {
    let [mut dx, ..] = call.dx;
    for run in runs(node, call.n, call.lengths) {
        let (groups, at) = (groups(node, &run), run.x);
        let x = &call.x[0][at.clone()];
        let dy = dx.as_deref().filter(|_| call.in_place).unwrap_or(call.dy);
        if !weight.is_empty() {
            kernel::normalise_backward_weight(groups, x, &dy[at.clone()], dweight, dbias);
        }
        if let Some(dx) = &mut dx {
            let dy = (!call.in_place).then(|| &call.dy[at.clone()]);
            kernel::normalise_backward(groups, weight, x, dy, &mut dx[at]);
        }
    }
}
