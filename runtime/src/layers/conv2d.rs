//! `Conv2d`: a window of weights moved over an image.

use rand_core::Rng;

use crate::cast::{self, Padding, Pads, Sizes};
use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel;
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::positional;
use crate::shape::{Shape, window};
use crate::text::same;

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
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: Padding,
    dilation: [usize; 2],
    groups: usize,
    bias: bool,
}

impl Conv2d {
    /// `Conv2d`, with its arguments to follow.
    pub const fn args() -> Args {
        Args {
            in_channels: None,
            out_channels: 0,
            kernel: [0, 0],
            stride: [1, 1],
            padding: Padding::Sizes([0, 0]),
            dilation: [1, 1],
            groups: 1,
            bias: true,
        }
    }
}

// More would take PyTorch's `Conv2d(in, out, kernel)` for a stride.
positional!(Args, first = out_channels: usize, second = kernel_size: impl Sizes);

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
    /// `in_channels ->`: states what comes in, to be checked.
    pub const fn stated(mut self, in_channels: usize) -> Self {
        self.in_channels = Some(in_channels);
        self
    }
    /// How far the window moves; 1 unless said otherwise.
    pub const fn stride<S: Sizes>(mut self, stride: S) -> Self {
        self.stride = cast::sizes(stride);
        self
    }
    /// Zeros around the image; none unless said otherwise. `"same"` keeps the image's size.
    pub const fn padding<P: Pads>(mut self, padding: P) -> Self {
        self.padding = cast::padding(padding);
        self
    }
    /// Distance of the window's taps; 1 unless said otherwise.
    pub const fn dilation<S: Sizes>(mut self, dilation: S) -> Self {
        self.dilation = cast::sizes(dilation);
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

    /// `[C, H, W]` → `[OC, OH, OW]`.
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (input, oc) = (x.shape(0), self.out_channels);
        let [oh, ow] = [self.extent(0, input.dim(1)), self.extent(1, input.dim(2))];
        let fits = oh.is_some() && ow.is_some();
        let (oh, ow) = (or(oh, input.dim(1)), or(ow, input.dim(2)));
        let groups = if self.groups == 0 { 1 } else { self.groups };
        let (ic, b) = (input.dim(0) / groups, if self.bias { oc } else { 0 });
        let weights = oc * ic * self.kernel[0] * self.kernel[1];
        let inferred = Inferred::new(self, x, Shape::of(&[oc, oh, ow]))
            .one_input()
            .image()
            .required("out_channels", oc)
            .required("kernel_size", self.kernel[0] * self.kernel[1])
            .not_zero("stride", self.stride[0] * self.stride[1])
            .not_zero("dilation", self.dilation[0] * self.dilation[1])
            .not_zero("groups", self.groups)
            .stated(self.in_channels, "channels", input.dim(0));
        self.check(inferred, groups, fits)
            .dims(&[oc, ic, self.kernel[0], self.kernel[1], b])
            .parameters(weights + b)
            .macs(weights * oh * ow)
            .needs_x()
    }

    /// What only a convolution can have wrong.
    const fn check(&self, inferred: Inferred<Self>, groups: usize, fits: bool) -> Inferred<Self> {
        let (x, says) = (inferred.inputs, inferred.inputs.says());
        let known = says.str("is given a padding by name that is neither \"same\" nor \"valid\"");
        let strides = self.stride[0] == 1 && self.stride[1] == 1;
        let moves = says
            .str("takes padding = \"same\" only with stride = 1; write the padding as a number");
        let (channels, says) = (x.shape(0).dim(0), says.str("has groups = ").num(groups));
        let divides_in = says.str(", which does not divide the ").num(channels);
        let divides_in = x.gives(divides_in.str(" channels that come in: "), 0);
        let divides_out =
            says.str(", which does not divide out_channels = ").num(self.out_channels);
        let covers = x.says().str("has a kernel that covers ").num(self.covers(0)).str(" × ");
        let covers = x.but_gives(covers.num(self.covers(1)), 0);
        inferred
            .argument(self.is_number() || self.is_named("same") || self.is_named("valid"), known)
            .argument(!self.is_named("same") || strides, moves)
            .check(channels.is_multiple_of(groups), divides_in)
            .argument(self.out_channels.is_multiple_of(groups), divides_out)
            .check(fits, covers.str("; take a smaller kernel or dilation, or add padding"))
    }

    /// Numbers of an axis from the first tap of the window to the last.
    const fn covers(&self, axis: usize) -> usize {
        self.dilation[axis] * self.kernel[axis].saturating_sub(1) + 1
    }

    /// Positions of the window on an axis of `size`.
    const fn extent(&self, axis: usize, size: usize) -> Option<usize> {
        match self.padding {
            Padding::Sizes(padding) => window(
                size,
                self.kernel[axis],
                self.stride[axis],
                padding[axis],
                self.dilation[axis],
            ),
            Padding::Named(_) if self.is_named("same") => Some(size),
            Padding::Named(_) => {
                window(size, self.kernel[axis], self.stride[axis], 0, self.dilation[axis])
            }
        }
    }

    const fn is_named(&self, wanted: &str) -> bool {
        match self.padding {
            Padding::Named(name) => same(name, wanted),
            Padding::Sizes(_) => false,
        }
    }

    const fn is_number(&self) -> bool {
        matches!(self.padding, Padding::Sizes(_))
    }

    /// Zeros above and to the left. Where `"same"` needs an odd number, the one more is below or to the right, as in PyTorch.
    const fn leading(&self) -> [usize; 2] {
        match self.padding {
            Padding::Sizes(padding) => padding,
            Padding::Named(_) if self.is_named("same") => [
                self.dilation[0] * (self.kernel[0] - 1) / 2,
                self.dilation[1] * (self.kernel[1] - 1) / 2,
            ],
            Padding::Named(_) => [0, 0],
        }
    }
}

const fn or(found: Option<usize>, otherwise: usize) -> usize {
    match found {
        Some(found) => found,
        None => otherwise,
    }
}

/// The convolution of `node`, as the kernel wants it.
const fn shape(node: &Node<Args>) -> kernel::Conv2d {
    let (args, x, y) = (&node.args, &node.input, &node.output);
    kernel::Conv2d {
        in_channels: x.dim(0),
        height: x.dim(1),
        width: x.dim(2),
        out_channels: y.dim(0),
        out_height: y.dim(1),
        out_width: y.dim(2),
        kernel: args.kernel,
        stride: args.stride,
        padding: args.leading(),
        dilation: args.dilation,
        groups: args.groups,
    }
}

impl Kind for Conv2d {
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
    const ZERO: Self = Conv2d { weight: [[[[0.0; KW]; KH]; IC]; OC], bias: [0.0; B] };
    const TENSORS: &'static [Tensor] = match B {
        0 => &[Tensor::parameter("weight", &[OC, IC, KH, KW])],
        _ => &[Tensor::parameter("weight", &[OC, IC, KH, KW]), Tensor::parameter("bias", &[OC])],
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

    fn init(&mut self, _: &Node<Args>, rng: &mut dyn Rng) {
        init::fan_in_uniform(self.tensor_mut(0), IC * KH * KW, rng);
        init::fan_in_uniform(&mut self.bias, IC * KH * KW, rng);
    }

    /// `y = W ⋆ x + b`.
    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        kernel::conv2d(&shape(node), call.n, call.x[0], self.tensor(0), &self.bias, call.y);
    }

    /// `dx += Wᵀ ⋆ dy`, `dW += dy ⋆ x`, `db += Σ dy`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        let (shape, [dx, ..]) = (shape(node), call.dx);
        if let Some(dx) = dx {
            kernel::conv2d_backward_input(&shape, call.n, call.dy, self.tensor(0), dx);
        }
        let (dw, db) =
            (grad.weight.as_flattened_mut().as_flattened_mut().as_flattened_mut(), &mut grad.bias);
        kernel::conv2d_backward_weight(&shape, call.n, call.x[0], call.dy, dw, db);
    }
}
