//! `Conv1d`: a window of weights moved along a line.

use rand_core::Rng;

use crate::cast::{self, Ends};
use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel;
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::layers::convolution::Moves;
use crate::layers::runs::{Run, runs};
use crate::positional;
use crate::shape::Shape;
use crate::text::same;

/// `x: [C, L]` → `y: [OC, OL]`, `OL = ⌊(L + 2P − D (K − 1) − 1) / S⌋ + 1`. PyTorch's `nn.Conv1d`.
///
/// `IC` is `C / groups`, the channels that one output channel sees; `B` is `OC`, or 0 without a bias.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Conv1d<const OC: usize = 0, const IC: usize = 0, const K: usize = 0, const B: usize = 0>
{
    /// The windows, one for each output channel.
    pub weight: [[[f32; K]; IC]; OC],
    /// What is added to each output channel.
    pub bias: [f32; B],
}

/// `Conv1d(out_channels, kernel_size, stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, padding_mode = "zeros", causal = false)`.
///
/// `padding` may be `"same"` or `"valid"`; `in_channels -> out_channels` states what comes in. Those with a default need their name.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    in_channels: Option<usize>,
    out_channels: usize,
    moves: Moves<1>,
    padding_mode: &'static str,
    bias: bool,
}

impl Conv1d {
    /// `Conv1d`, with its arguments to follow.
    pub const fn args() -> Args {
        Args {
            in_channels: None,
            out_channels: 0,
            moves: Moves::NEW,
            padding_mode: "zeros",
            bias: true,
        }
    }
}

// More would take PyTorch's `Conv1d(in, out, kernel)` for a stride.
positional!(Args, before_arrow = in_channels: usize, first = out_channels: usize, second = kernel_size: usize);

impl Args {
    /// Channels that come out.
    pub const fn out_channels(mut self, out_channels: usize) -> Self {
        self.out_channels = out_channels;
        self
    }
    /// The length of the window.
    pub const fn kernel_size(mut self, kernel_size: usize) -> Self {
        self.moves.kernel = [kernel_size];
        self
    }
    /// States what comes in, to be checked.
    pub const fn in_channels(mut self, in_channels: usize) -> Self {
        self.in_channels = Some(in_channels);
        self
    }
    /// How far the window moves; 1 unless said otherwise.
    pub const fn stride(mut self, stride: usize) -> Self {
        self.moves.stride = [stride];
        self
    }
    /// Numbers put at both ends of the line; none unless said otherwise. `"same"` keeps the line's length.
    pub const fn padding<P: Ends>(mut self, padding: P) -> Self {
        self.moves.padding = cast::ends(padding);
        self
    }
    /// Distance of the window's taps; 1 unless said otherwise.
    pub const fn dilation(mut self, dilation: usize) -> Self {
        self.moves.dilation = [dilation];
        self
    }
    /// Groups of channels that do not see one another; 1 unless said otherwise.
    pub const fn groups(mut self, groups: usize) -> Self {
        self.moves.groups = groups;
        self
    }
    /// Whether a bias is added; yes unless said otherwise.
    pub const fn bias(mut self, bias: bool) -> Self {
        self.bias = bias;
        self
    }
    /// What is put at the ends: `"zeros"`, which it is unless said otherwise, or `"reflect"`, the line as in a mirror.
    pub const fn padding_mode(mut self, padding_mode: &'static str) -> Self {
        self.padding_mode = padding_mode;
        self
    }
    /// Whether all padding stands in front, as much as makes `y[t]` see `x[t]` last: nothing of the future. As WaveNet has it.
    pub const fn causal(mut self, causal: bool) -> Self {
        self.moves.causal = causal;
        self
    }

    /// `[C, L]` → `[OC, OL]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (input, oc, [k]) = (x.shape(0), self.out_channels, self.moves.kernel);
        let inferred = Inferred::new(self, x, Shape::of(&[oc, input.dim(1)]));
        let inferred = self.moves.judge(inferred, self.in_channels, oc);
        let (ic, b) = (self.moves.seen(input.dim(0)), if self.bias { oc } else { 0 });
        let (weights, positions) = (Shape::of(&[oc, ic, k]).len(), inferred.node.output.dim(1));
        let inferred = self
            .check(inferred)
            .dims(&[oc, ic, k, b])
            .parameters(weights.saturating_add(b))
            .macs(weights.saturating_mul(positions))
            .needs_x();
        match self.moves.past(0) {
            // The last step and those before it that it sees.
            Some(past) if !self.is_reflected() => inferred.state(input.dim(0) * (past + 1)),
            _ => inferred,
        }
    }

    /// What only a convolution of lines can have wrong.
    const fn check(&self, inferred: Inferred<Self>) -> Inferred<Self> {
        let (x, says, length) =
            (inferred.inputs, inferred.inputs.says(), inferred.node.input.dim(1));
        let known = says.str("is given padding_mode = \"").str(self.padding_mode);
        let known = known.str("\"; it knows \"zeros\" and \"reflect\"");
        let twice = says.str("is causal, which says what the padding is; leave padding out");
        let [front, behind] = self.moves.ends(0);
        let most = if front > behind { front } else { behind };
        let long = says.str("reflects ").num(most).str(" numbers at an end");
        let long = x.but_gives(long, 0).str("; it must be longer than that");
        inferred
            .argument(same(self.padding_mode, "zeros") || self.is_reflected(), known)
            .argument(!self.moves.causal || self.moves.is_unpadded(), twice)
            .check(!self.is_reflected() || most < length, long)
    }

    const fn is_reflected(&self) -> bool {
        same(self.padding_mode, "reflect")
    }
}

/// The convolution of `run`, as the kernel wants it: of an image of one row.
const fn shape(args: &Args, run: &Run) -> kernel::Conv2d {
    let (moves, x, y) = (&args.moves, &run.input, &run.output);
    kernel::Conv2d {
        in_channels: x.dim(0),
        height: 1,
        width: x.dim(1),
        out_channels: y.dim(0),
        out_height: 1,
        out_width: y.dim(1),
        kernel: [1, moves.kernel[0]],
        stride: [1, moves.stride[0]],
        padding: [0, moves.ends(0)[0]],
        dilation: [1, moves.dilation[0]],
        groups: moves.groups,
    }
}

impl Kind for Conv1d {
    type Args = Args;
    type Layer<
        const OC: usize,
        const IC: usize,
        const K: usize,
        const B: usize,
        const E: usize,
        const F: usize,
    > = Conv1d<OC, IC, K, B>;
}

impl<const OC: usize, const IC: usize, const K: usize, const B: usize> Layer
    for Conv1d<OC, IC, K, B>
{
    type Args = Args;
    const TENSORS: &'static [Tensor] = match B {
        0 => &[Tensor::parameter("weight", &[OC, IC, K])],
        _ => &[Tensor::parameter("weight", &[OC, IC, K]), Tensor::parameter("bias", &[OC])],
    };

    fn tensor(&self, i: usize) -> &[f32] {
        if i == 0 { self.weight.as_flattened().as_flattened() } else { &self.bias }
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        if i == 0 { self.weight.as_flattened_mut().as_flattened_mut() } else { &mut self.bias }
    }

    fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
        init::fan_in_uniform(self.tensor_mut(0), IC * K, rng);
        init::fan_in_uniform(&mut self.bias, IC * K, rng);
    }

    /// `y = W ⋆ x + b`.
    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        if !call.state.is_empty() {
            return self.stream(node, call);
        }
        for run in runs(node, call.n, call.lengths) {
            let (shape, weight) = (shape(&node.args, &run), self.tensor(0));
            let (x, y) = (&call.x[0][run.x], &mut call.y[run.y]);
            kernel::conv2d(&shape, run.samples, x, weight, &self.bias, y);
            if node.args.is_reflected() {
                kernel::conv2d_reflect(&shape, run.samples, x, weight, y);
            }
        }
    }

    /// `dx += Wᵀ ⋆ dy`, `dW += dy ⋆ x`, `db += Σ dy`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let ([mut dx, ..], reflected) = (call.dx, node.args.is_reflected());
        let (dw, db) = (grad.weight.as_flattened_mut().as_flattened_mut(), &mut grad.bias);
        for run in runs(node, call.n, call.lengths) {
            let (shape, n, weight) = (shape(&node.args, &run), run.samples, self.tensor(0));
            let (x, dy) = (&call.x[0][run.x.clone()], &call.dy[run.y]);
            if let Some(dx) = dx.as_deref_mut().map(|dx| &mut dx[run.x]) {
                kernel::conv2d_backward_input(&shape, n, dy, weight, kernel::Writing::Adds, dx);
                if reflected {
                    kernel::conv2d_reflect_backward_input(&shape, n, dy, weight, dx);
                }
            }
            kernel::conv2d_backward_weight(&shape, n, x, dy, dw, db);
            if reflected {
                kernel::conv2d_reflect_backward_weight(&shape, n, x, dy, dw);
            }
        }
    }
}

impl<const OC: usize, const IC: usize, const K: usize, const B: usize> Conv1d<OC, IC, K, B> {
    /// A piece of one line, step by step: the state holds what each channel has been of late, the last step behind.
    fn stream(&self, node: &Node<Args>, call: Forward<'_>) {
        let channels = node.input.dim(0);
        let (steps, seen) = (call.y.len() / OC.max(1), call.state.len() / channels.max(1));
        let window = Run {
            samples: 1,
            input: node.input.with(1, seen),
            output: node.output.with(1, 1),
            x: 0..channels * seen,
            y: 0..OC,
        };
        let shape = kernel::Conv2d { padding: [0, 0], ..shape(&node.args, &window) };
        let mut now = [0.0; OC];
        for t in 0..steps {
            for (past, x) in call.state.chunks_exact_mut(seen).zip(call.x[0].chunks_exact(steps)) {
                past.copy_within(1.., 0);
                past[seen - 1] = x[t];
            }
            kernel::conv2d(&shape, 1, call.state, self.tensor(0), &self.bias, &mut now);
            for (y, now) in call.y.chunks_exact_mut(steps).zip(now) {
                y[t] = now;
            }
        }
    }
}
