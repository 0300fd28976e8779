//! `AdaptiveAvgPool1d`: means that bring a line to a given length.

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel;
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::runs::runs;
use crate::positional;

/// `x: [C, L]` → `y: [C, OL]`: number `o` is the mean of `⌊o·L/OL⌋ .. ⌈(o+1)·L/OL⌉`. PyTorch's `nn.AdaptiveAvgPool1d`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct AdaptiveAvgPool1d;

/// `AdaptiveAvgPool1d(output_size)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    output_size: usize,
}

impl AdaptiveAvgPool1d {
    /// `AdaptiveAvgPool1d`, with its argument to follow.
    pub const fn args() -> Args {
        Args { output_size: 0 }
    }
}

positional!(Args, first = output_size: usize);

impl Args {
    /// The length of the line that comes out.
    pub const fn output_size(mut self, output_size: usize) -> Self {
        self.output_size = output_size;
        self
    }

    /// `[C, L]` → `[C, OL]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        Inferred::new(self, x, x.shape(0).with(1, self.output_size))
            .one_input()
            .line()
            .required("output_size", self.output_size)
    }
}

keyword!(AdaptiveAvgPool1d);

impl Layer for AdaptiveAvgPool1d {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        for run in runs(node, call.n, call.lengths) {
            let (size, out) = ([1, run.input.dim(1)], [1, node.args.output_size]);
            let (planes, x) = (run.samples * run.input.dim(0), &call.x[0][run.x]);
            kernel::adaptive_avg_pool2d(planes, size, out, x, &mut call.y[run.y]);
        }
    }

    /// `dx += dy / count`, at every place of the window.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let [Some(dx), ..] = call.dx else { return };
        for run in runs(node, call.n, call.lengths) {
            let (size, out) = ([1, run.input.dim(1)], [1, node.args.output_size]);
            let (planes, dy) = (run.samples * run.input.dim(0), &call.dy[run.y]);
            kernel::adaptive_avg_pool2d_backward(planes, size, out, dy, &mut dx[run.x]);
        }
    }
}
