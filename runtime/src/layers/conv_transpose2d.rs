//! `ConvTranspose2d`: every number of an image paints a window of weights.

use rand_core::Rng;

use crate::cast::{self, Sizes};
use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::{self, Channels};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::positional;
use crate::shape::Shape;

/// `x: [C, H, W]` → `y: [OC, OH, OW]`, `OH = (H − 1) S − 2P + D (KH − 1) + output_padding + 1`: the gradient of a convolution by its
/// input, as a layer. PyTorch's `nn.ConvTranspose2d`.
///
/// `GC` is `OC / groups`, the output channels that one input channel paints; `B` is `OC`, or 0 without a bias.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct ConvTranspose2d<
    const C: usize = 0,
    const GC: usize = 0,
    const KH: usize = 0,
    const KW: usize = 0,
    const B: usize = 0,
> {
    /// The windows, one for each input channel.
    pub weight: [[[[f32; KW]; KH]; GC]; C],
    /// What is added to each output channel.
    pub bias: [f32; B],
}

/// `ConvTranspose2d(out_channels, kernel_size, stride = 1, padding = 0, output_padding = 0, groups = 1, bias = true, dilation = 1)`.
///
/// Sizes are one number or a pair `(down, right)`; `in_channels -> out_channels` states what comes in. Those with a default need
/// their name.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    in_channels: Option<usize>,
    out_channels: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    output_padding: [usize; 2],
    dilation: [usize; 2],
    groups: usize,
    bias: bool,
}

impl ConvTranspose2d {
    /// `ConvTranspose2d`, with its arguments to follow.
    pub const fn args() -> Args {
        Args {
            in_channels: None,
            out_channels: 0,
            kernel: [0, 0],
            stride: [1, 1],
            padding: [0, 0],
            output_padding: [0, 0],
            dilation: [1, 1],
            groups: 1,
            bias: true,
        }
    }
}

// More would take PyTorch's `ConvTranspose2d(in, out, kernel)` for a stride.
positional!(Args, before_arrow = in_channels: usize, first = out_channels: usize, second = kernel_size: impl Sizes);

impl Args {
    /// Channels that come out.
    pub const fn out_channels(mut self, out_channels: usize) -> Self {
        self.out_channels = out_channels;
        self
    }
    /// The size of the window.
    pub const fn kernel_size<K: Sizes>(mut self, kernel_size: K) -> Self {
        self.kernel = cast::sizes(kernel_size);
        self
    }
    /// States what comes in, to be checked.
    pub const fn in_channels(mut self, in_channels: usize) -> Self {
        self.in_channels = Some(in_channels);
        self
    }
    /// How far apart two neighbours paint their windows; 1 unless said otherwise.
    pub const fn stride<S: Sizes>(mut self, stride: S) -> Self {
        self.stride = cast::sizes(stride);
        self
    }
    /// How much is cut off on every side; nothing unless said otherwise.
    pub const fn padding<S: Sizes>(mut self, padding: S) -> Self {
        self.padding = cast::sizes(padding);
        self
    }
    /// How much is put back below and to the right: less than the stride or the dilation, nothing unless said otherwise. A convolution
    /// of that stride gives the same for images of several sizes, and this says which of them is wanted back.
    pub const fn output_padding<S: Sizes>(mut self, output_padding: S) -> Self {
        self.output_padding = cast::sizes(output_padding);
        self
    }
    /// Groups of channels that do not see one another; 1 unless said otherwise.
    pub const fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }
    /// Whether a bias is added; yes unless said otherwise.
    pub const fn bias(mut self, bias: bool) -> Self {
        self.bias = bias;
        self
    }
    /// Distance of the window's taps; 1 unless said otherwise.
    pub const fn dilation<S: Sizes>(mut self, dilation: S) -> Self {
        self.dilation = cast::sizes(dilation);
        self
    }

    /// `[C, H, W]` → `[OC, OH, OW]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (input, oc) = (x.shape(0), self.out_channels);
        let [oh, ow] = [self.extent(0, input.dim(1)), self.extent(1, input.dim(2))];
        let output = Shape::of(&[oc, oh, ow]);
        let groups = if self.groups == 0 { 1 } else { self.groups };
        let (c, gc, b) = (input.dim(0), oc / groups, if self.bias { oc } else { 0 });
        let [kh, kw] = self.kernel;
        let weights = c * gc * kh * kw;
        let inferred = Inferred::new(self, x, output)
            .one_input()
            .image()
            .required("out_channels", oc)
            .required("kernel_size", kh * kw)
            .not_zero("stride", self.stride[0] * self.stride[1])
            .not_zero("dilation", self.dilation[0] * self.dilation[1])
            .not_zero("groups", self.groups)
            .stated(self.in_channels, "channels", c);
        self.check(inferred, groups)
            .dims(&[c, gc, kh, kw, b])
            .parameters(weights + b)
            .macs(weights * input.dim(1) * input.dim(2))
            .needs_x()
    }

    /// What only a transposed convolution can have wrong.
    const fn check(&self, inferred: Inferred<Self>, groups: usize) -> Inferred<Self> {
        let (x, says) = (inferred.inputs, inferred.inputs.says());
        let padded = says.str("has an output_padding of ").shape(&Shape::of(&self.output_padding));
        let padded = padded.str("; it must be less than the stride or the dilation");
        let (channels, grouped) = (x.shape(0).dim(0), says.str("has groups = ").num(groups));
        let divides_in = grouped.str(", which does not divide the ").num(channels);
        let divides_in = x.gives(divides_in.str(" channels that come in: "), 0);
        let divides_out =
            grouped.str(", which does not divide out_channels = ").num(self.out_channels);
        let nothing = says.str("has a padding of ").shape(&Shape::of(&self.padding));
        let nothing = x.but_gives(nothing.str(", which leaves nothing"), 0);
        let left = inferred.node.output.dim(1) > 0 && inferred.node.output.dim(2) > 0;
        inferred
            .argument(self.is_less(0) && self.is_less(1), padded)
            .check(channels.is_multiple_of(groups), divides_in)
            .argument(self.out_channels.is_multiple_of(groups), divides_out)
            .check(left, nothing.str("; take less padding"))
    }

    const fn is_less(&self, axis: usize) -> bool {
        let padding = self.output_padding[axis];
        padding < self.stride[axis] || padding < self.dilation[axis]
    }

    /// The size of the output along an axis of `size`.
    const fn extent(&self, axis: usize, size: usize) -> usize {
        let reach = self.dilation[axis] * self.kernel[axis].saturating_sub(1) + 1;
        let painted = size.saturating_sub(1) * self.stride[axis] + reach;
        (painted + self.output_padding[axis]).saturating_sub(2 * self.padding[axis])
    }
}

/// The convolution that this one is the transpose of: from the output of `node` to its input.
const fn shape(node: &Node<Args>) -> kernel::Conv2d {
    let (args, x, y) = (&node.args, &node.input, &node.output);
    kernel::Conv2d {
        in_channels: y.dim(0),
        height: y.dim(1),
        width: y.dim(2),
        out_channels: x.dim(0),
        out_height: x.dim(1),
        out_width: x.dim(2),
        kernel: args.kernel,
        stride: args.stride,
        padding: args.padding,
        dilation: args.dilation,
        groups: args.groups,
    }
}

/// The output as channels.
fn channels(node: &Node<Args>, n: usize) -> Channels {
    Channels { n, channels: node.output.dim(0), plane: node.output.product(1, 3) }
}

impl Kind for ConvTranspose2d {
    type Args = Args;
    type Layer<
        const C: usize,
        const GC: usize,
        const KH: usize,
        const KW: usize,
        const B: usize,
        const F: usize,
    > = ConvTranspose2d<C, GC, KH, KW, B>;
}

impl<const C: usize, const GC: usize, const KH: usize, const KW: usize, const B: usize> Layer
    for ConvTranspose2d<C, GC, KH, KW, B>
{
    type Args = Args;
    const TENSORS: &'static [Tensor] = match B {
        0 => &[Tensor::parameter("weight", &[C, GC, KH, KW])],
        _ => &[Tensor::parameter("weight", &[C, GC, KH, KW]), Tensor::parameter("bias", &[B])],
    };

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

    // PyTorch counts as inputs what stands on the weight's second axis, whichever way the numbers go.
    fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
        init::fan_in_uniform(self.tensor_mut(0), GC * KH * KW, rng);
        init::fan_in_uniform(&mut self.bias, GC * KH * KW, rng);
    }

    /// `y = Wᵀ ⋆ x + b`.
    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        kernel::fill_channels(channels(node, call.n), &self.bias, call.y);
        let (shape, x) = (shape(node), call.x[0]);
        let adds = kernel::Writing::Adds;
        kernel::conv2d_backward_input(&shape, call.n, x, self.tensor(0), adds, call.y);
    }

    /// `dx += W ⋆ dy`, `dW += x ⋆ dy`, `db += Σ dy`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let (shape, [dx, ..]) = (shape(node), call.dx);
        if let Some(dx) = dx {
            kernel::conv2d_add(&shape, call.n, call.dy, self.tensor(0), dx);
        }
        let dw = grad.weight.as_flattened_mut().as_flattened_mut().as_flattened_mut();
        kernel::conv2d_backward_weight(&shape, call.n, call.dy, call.x[0], dw, &mut []);
        if B > 0 {
            kernel::sum_channels(channels(node, call.n), call.dy, &mut grad.bias);
        }
    }
}
