//! `Conv2d`: a window of weights moved over an image.

use rand_core::Rng;

use crate::cast::{self, Pads, Sizes};
use crate::infer::{EndsIn, Inferred, Inputs, Node};
use crate::init;
use crate::kernel;
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::layers::convolution::Moves;
use crate::layers::int8;
#[cfg(feature = "std")]
use crate::pack::Pack;
use crate::positional;
use crate::shape::Shape;

/// `x: [C, H, W]` → `y: [OC, OH, OW]`, `OH = ⌊(H + 2P − D (KH − 1) − 1) / S⌋ + 1`. PyTorch's `nn.Conv2d`.
///
/// `IC` is `C / groups`, the channels that one output channel sees; `B` is `OC`, or 0 without a bias.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Conv2d<
    const OC: usize = 0,
    const IC: usize = 0,
    const KH: usize = 0,
    const KW: usize = 0,
    const B: usize = 0,
> {
    /// The windows, one for each output channel.
    pub weight: [[[[f32; KW]; KH]; IC]; OC],
    /// What is added to each output channel.
    pub bias: [f32; B],
}

/// `Conv2d(out_channels, kernel_size, stride = 1, padding = 0, dilation = 1, groups = 1, bias = true)`.
///
/// Sizes are one number or a pair `(down, right)`; `padding` may be `"same"` or `"valid"`; `in_channels -> out_channels` states what comes in.
/// Those with a default need their name.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    in_channels: Option<usize>,
    out_channels: usize,
    moves: Moves<2>,
    bias: bool,
}

impl Conv2d {
    /// `Conv2d`, with its arguments to follow.
    pub const fn args() -> Args {
        Args { in_channels: None, out_channels: 0, moves: Moves::NEW, bias: true }
    }
}

// More would take PyTorch's `Conv2d(in, out, kernel)` for a stride.
positional!(Args, before_arrow = in_channels: usize, first = out_channels: usize, second = kernel_size: impl Sizes);

impl Args {
    /// Channels that come out.
    pub const fn out_channels(mut self, out_channels: usize) -> Self {
        self.out_channels = out_channels;
        self
    }
    /// The size of the window.
    pub const fn kernel_size<K: Sizes>(mut self, kernel_size: K) -> Self {
        self.moves.kernel = cast::sizes(kernel_size);
        self
    }
    /// States what comes in, to be checked.
    pub const fn in_channels(mut self, in_channels: usize) -> Self {
        self.in_channels = Some(in_channels);
        self
    }
    /// How far the window moves; 1 unless said otherwise.
    pub const fn stride<S: Sizes>(mut self, stride: S) -> Self {
        self.moves.stride = cast::sizes(stride);
        self
    }
    /// Zeros around the image; none unless said otherwise. `"same"` keeps the image's size.
    pub const fn padding<P: Pads>(mut self, padding: P) -> Self {
        self.moves.padding = cast::padding(padding);
        self
    }
    /// Distance of the window's taps; 1 unless said otherwise.
    pub const fn dilation<S: Sizes>(mut self, dilation: S) -> Self {
        self.moves.dilation = cast::sizes(dilation);
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

    /// `[C, H, W]` → `[OC, OH, OW]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (input, oc, [kh, kw]) = (x.shape(0), self.out_channels, self.moves.kernel);
        let output = Shape::of(&[oc, input.dim(1), input.dim(2)]);
        let inferred = Inferred::new(self, x, output);
        let inferred = self.moves.judge(inferred, self.in_channels, oc);
        let (ic, b) = (self.moves.seen(input.dim(0)), if self.bias { oc } else { 0 });
        let (weights, positions) =
            (Shape::of(&[oc, ic, kh, kw]).len(), inferred.node.output.product(1, 3));
        let inferred = inferred
            .dims(&[oc, ic, kh, kw, b])
            .parameters(weights.saturating_add(b))
            .macs(weights.saturating_mul(positions))
            .needs_x()
            .rectifies();
        let ends = inferred.fault.is_none() && cfg!(feature = "std");
        let inferred = if ends {
            inferred.ends(EndsIn::Image { pools: shape(&inferred.node).pools() })
        } else {
            inferred
        };
        int8::conv2d(inferred)
    }
}

/// The convolution of `node`, as the kernel wants it.
#[inline(always)]
pub(super) const fn shape(node: &Node<Args>) -> kernel::Conv2d {
    let (moves, x, y) = (&node.args.moves, &node.input, &node.output);
    kernel::Conv2d {
        in_channels: x.dim(0),
        height: x.dim(1),
        width: x.dim(2),
        out_channels: y.dim(0),
        out_height: y.dim(1),
        out_width: y.dim(2),
        kernel: moves.kernel,
        stride: moves.stride,
        padding: [moves.ends(0)[0], moves.ends(1)[0]],
        dilation: moves.dilation,
        groups: moves.groups,
    }
}

impl Kind for Conv2d {
    type Args = Args;
    type Layer<
        const OC: usize,
        const IC: usize,
        const KH: usize,
        const KW: usize,
        const B: usize,
        const F: usize,
    > = Conv2d<OC, IC, KH, KW, B>;
}

impl<const OC: usize, const IC: usize, const KH: usize, const KW: usize, const B: usize> Layer
    for Conv2d<OC, IC, KH, KW, B>
{
    type Args = Args;
    const TENSORS: &'static [Tensor] = match B {
        0 => &[Tensor::parameter("weight", &[OC, IC, KH, KW])],
        _ => &[Tensor::parameter("weight", &[OC, IC, KH, KW]), Tensor::parameter("bias", &[OC])],
    };
    const WRITES_DX: bool = true;

    fn tensor(&self, i: usize) -> &[f32] {
        if i == 0 { self.weight.as_flattened().as_flattened().as_flattened() } else { &self.bias }
    }
    fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
        if i == 0 {
            self.weight.as_flattened_mut().as_flattened_mut().as_flattened_mut()
        } else {
            &mut self.bias
        }
    }

    fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
        init::fan_in_uniform(self.tensor_mut(0), IC * KH * KW, rng);
        init::fan_in_uniform(&mut self.bias, IC * KH * KW, rng);
    }

    /// `y = W ⋆ x + b`.
    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        let Forward { n, x, ending, y, packed, .. } = call;
        let filters =
            kernel::Filters { weight: self.tensor(0), packed: packed.numbers(), bias: &self.bias };
        kernel::conv2d_ending(&shape(node), n, x[0], filters, ending, y);
    }

    #[cfg(feature = "std")]
    fn pack(&self, node: &Node<Args>) -> Pack {
        let shape = shape(node);
        Pack::new(shape.packed_len(), |to| shape.pack(self.tensor(0), to))
    }

    /// `dx += Wᵀ ⋆ dy`, `dW += dy ⋆ x`, `db += Σ dy`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let (dw, db) =
            (grad.weight.as_flattened_mut().as_flattened_mut().as_flattened_mut(), &mut grad.bias);
        kernel::conv2d_backward_weight(&shape(node), call.n, call.x[0], call.dy, dw, db);
        self.backward_to_input(node, call, grad);
    }

    fn backward_to_input(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        if let [Some(dx), ..] = call.dx {
            let (weight, writing) = (self.tensor(0), call.writing);
            kernel::conv2d_backward_input(&shape(node), call.n, call.dy, weight, writing, dx);
        }
    }
}
