//! How the kernel of a convolution moves along one or two axes: the arguments, and what can be wrong with them.

use crate::cast::Padding;
use crate::infer::Inferred;
use crate::shape::{Shape, window};
use crate::text::same;

/// The arguments that all convolutions have, as PyTorch has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moves<const D: usize> {
    pub kernel: [usize; D],
    pub stride: [usize; D],
    pub padding: Padding,
    pub dilation: [usize; D],
    pub groups: usize,
    /// All padding stands in front, so that nothing is seen before its time.
    pub causal: bool,
}

impl<const D: usize> Moves<D> {
    /// A kernel whose size is not yet known.
    pub const NEW: Self = Moves {
        kernel: [0; D],
        stride: [1; D],
        padding: Padding::Sizes([0, 0]),
        dilation: [1; D],
        groups: 1,
        causal: false,
    };

    /// Numbers in a kernel of one channel.
    pub const fn taps(&self) -> usize {
        Shape::of(&self.kernel).len()
    }

    /// Channels that one output channel sees, of `channels`.
    pub const fn seen(&self, channels: usize) -> usize {
        channels / if self.groups == 0 { 1 } else { self.groups }
    }

    /// `[C, …]` → `[OC, …]`, and all that can be wrong. The axes of the output that the kernel does not fit stay as they are.
    pub const fn judge<A: Copy>(
        &self,
        inferred: Inferred<A>,
        in_channels: Option<usize>,
        out_channels: usize,
    ) -> Inferred<A> {
        let (input, mut output, mut fits) = (inferred.node.input, inferred.node.output, true);
        let mut axis = 0;
        while axis < D {
            match self.extent(axis, input.dim(axis + 1)) {
                Some(extent) => {
                    output = self.any_length(axis, input, output.with(axis + 1, extent));
                }
                None => fits = false,
            }
            axis += 1;
        }
        let inferred = inferred.output(output).one_input();
        let inferred = if D == 1 { inferred.line() } else { inferred.image() };
        let inferred = inferred
            .required("out_channels", out_channels)
            .required("kernel_size", self.taps())
            .not_zero("stride", Shape::of(&self.stride).len())
            .not_zero("dilation", Shape::of(&self.dilation).len())
            .not_zero("groups", self.groups)
            .stated(in_channels, "channels", input.dim(0));
        self.check(inferred, out_channels, fits)
    }

    /// What only a convolution can have wrong.
    const fn check<A: Copy>(
        &self,
        inferred: Inferred<A>,
        out_channels: usize,
        fits: bool,
    ) -> Inferred<A> {
        let (x, says) = (inferred.inputs, inferred.inputs.says());
        let known = says.str("is given a padding by name that is neither \"same\" nor \"valid\"");
        let moves = says
            .str("takes padding = \"same\" only with stride = 1; write the padding as a number");
        let groups = if self.groups == 0 { 1 } else { self.groups };
        let (channels, says) = (x.shape(0).dim(0), says.str("has groups = ").num(groups));
        let divides_in = says.str(", which does not divide the ").num(channels);
        let divides_in = x.gives(divides_in.str(" channels that come in: "), 0);
        let divides_out = says.str(", which does not divide out_channels = ").num(out_channels);
        let (mut covers, mut axis) = (x.says().str("has a kernel that covers "), 0);
        while axis < D {
            covers = if axis > 0 { covers.str(" × ") } else { covers };
            covers = covers.num(self.reach(axis).saturating_add(1));
            axis += 1;
        }
        let covers = x.but_gives(covers, 0).str("; take a smaller kernel or dilation");
        inferred
            .argument(self.is_number() || self.is_named("same") || self.is_named("valid"), known)
            .argument(!self.is_named("same") || Shape::of(&self.stride).len() == 1, moves)
            .check(channels.is_multiple_of(groups), divides_in)
            .argument(out_channels.is_multiple_of(groups), divides_out)
            .check(fits, covers.str(", or add padding"))
    }

    /// How far the last tap of the kernel is from the first.
    const fn reach(&self, axis: usize) -> usize {
        self.dilation[axis].saturating_mul(self.kernel[axis].saturating_sub(1))
    }

    /// Positions of the kernel on an axis of `size`.
    const fn extent(&self, axis: usize, size: usize) -> Option<usize> {
        let (kernel, stride) = (self.kernel[axis], self.stride[axis]);
        if self.is_named("same") && !self.causal {
            return Some(size);
        }
        let [front, behind] = self.ends(axis);
        window(
            size.saturating_add(front).saturating_add(behind),
            kernel,
            stride,
            0,
            self.dilation[axis],
        )
    }

    /// `output`, as long along `axis` as the kernel has positions on what each sample brings.
    const fn any_length(&self, axis: usize, input: Shape, output: Shape) -> Shape {
        match input.bound() {
            Some(bound) if bound.axis == axis + 1 => {
                let ([front, behind], stride) = (self.ends(axis), self.stride[axis]);
                let add = (front + behind + stride) as isize - (self.reach(axis) + 1) as isize;
                output.as_long_as(axis + 1, bound.length.window(add, stride))
            }
            _ => output,
        }
    }

    /// How far back an output sees, where it sees nothing that comes later.
    pub const fn past(&self, axis: usize) -> Option<usize> {
        let [front, _] = self.ends(axis);
        if front == self.reach(axis) && self.stride[axis] == 1 { Some(front) } else { None }
    }

    /// What is put in front and behind. Where `"same"` needs an odd number, the one more is behind, as in PyTorch.
    pub const fn ends(&self, axis: usize) -> [usize; 2] {
        let reach = self.reach(axis);
        match self.padding {
            _ if self.causal => [reach, 0],
            Padding::Sizes(padding) => [padding[axis]; 2],
            Padding::Named(_) if self.is_named("same") => [reach / 2, reach - reach / 2],
            Padding::Named(_) => [0, 0],
        }
    }

    /// Whether no padding is written.
    pub const fn is_unpadded(&self) -> bool {
        matches!(self.padding, Padding::Sizes([0, 0]))
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
}
