//! `Upsample`: an image at another size.

use crate::cast::{self, Factors, Sizes};
use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{self, Mode, Upsample2d};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::positional;
use crate::shape::Shape;
use crate::text::same;

/// `x: [C, H, W]` → `y: [C, OH, OW]`, `OH = ⌊H · scale_factor⌋`, or `size`. PyTorch's `nn.Upsample`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Upsample;

/// `Upsample(size, scale_factor, mode = "nearest", align_corners = false)`, with one of the first two.
///
/// Both are one number or a pair `(down, right)`; a factor need not be whole.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    size: Option<[usize; 2]>,
    scale_factor: Option<[f64; 2]>,
    mode: &'static str,
    align_corners: bool,
}

impl Upsample {
    /// `Upsample`, with its arguments to follow.
    pub const fn args() -> Args {
        Args { size: None, scale_factor: None, mode: "nearest", align_corners: false }
    }
}

positional!(
    Args,
    first = size: impl Sizes,
    second = scale_factor: impl Factors,
    third = mode: &'static str,
    fourth = align_corners: bool,
);

impl Args {
    /// The size of the image that comes out.
    pub const fn size<S: Sizes>(mut self, size: S) -> Self {
        self.size = Some(cast::sizes(size));
        self
    }
    /// How many times larger the image becomes.
    pub const fn scale_factor<F: Factors>(mut self, scale_factor: F) -> Self {
        self.scale_factor = Some(cast::factors(scale_factor));
        self
    }
    /// `"nearest"`, which it is unless said otherwise, or `"bilinear"`.
    pub const fn mode(mut self, mode: &'static str) -> Self {
        self.mode = mode;
        self
    }
    /// Whether the centres of the corner pixels stay where they are, with `"bilinear"`; otherwise the corners of the image do.
    pub const fn align_corners(mut self, align_corners: bool) -> Self {
        self.align_corners = align_corners;
        self
    }

    /// `[C, H, W]` → `[C, OH, OW]`.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        let (input, says) = (x.shape(0), x.says());
        let [oh, ow] = [self.extent(0, input.dim(1)), self.extent(1, input.dim(2))];
        let one = says.str("needs either the argument size or scale_factor");
        let known = says.str("is given mode = \"").str(self.mode);
        let known = known.str("\"; it knows \"nearest\" and \"bilinear\"");
        let corners = says.str("aligns corners only with mode = \"bilinear\"");
        Inferred::new(self, x, Shape::of(&[input.dim(0), oh, ow]))
            .one_input()
            .image()
            .argument(self.size.is_some() != self.scale_factor.is_some(), one)
            .argument(self.is_bilinear() || same(self.mode, "nearest"), known)
            .argument(self.is_bilinear() || !self.align_corners, corners)
    }

    /// The size of the output along an axis of `size`; the same where nothing says it.
    const fn extent(&self, axis: usize, size: usize) -> usize {
        match (self.size, self.scale_factor) {
            (Some(out), _) => out[axis],
            // `as` rounds towards zero.
            (None, Some(factor)) => (size as f64 * factor[axis]) as usize,
            (None, None) => size,
        }
    }

    const fn is_bilinear(&self) -> bool {
        same(self.mode, "bilinear")
    }

    /// How far apart two neighbours of the output lie along an axis.
    fn step(&self, axis: usize, size: usize, out: usize) -> f32 {
        match self.scale_factor {
            _ if self.align_corners => (size - 1) as f32 / (out - 1).max(1) as f32,
            Some(factor) => (1.0 / factor[axis]) as f32,
            None => size as f32 / out as f32,
        }
    }
}

/// What the kernel needs to know.
fn shape(node: &Node<Args>) -> Upsample2d {
    let (args, x, y) = (&node.args, node.input, node.output);
    let mode = match (args.is_bilinear(), args.align_corners) {
        (false, _) => Mode::Nearest,
        (true, false) => Mode::Linear,
        (true, true) => Mode::LinearCorners,
    };
    let step = [args.step(0, x.dim(1), y.dim(1)), args.step(1, x.dim(2), y.dim(2))];
    Upsample2d { size: [x.dim(1), x.dim(2)], out: [y.dim(1), y.dim(2)], step, mode }
}

keyword!(Upsample);

impl Layer for Upsample {
    type Args = Args;

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        kernel::upsample2d(&shape(node), call.n * node.input.dim(0), call.x[0], call.y);
    }

    /// `dx += dy`, in the parts in which each number was seen.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        if let [Some(dx), ..] = call.dx {
            kernel::upsample2d_backward(&shape(node), call.n * node.input.dim(0), call.dy, dx);
        }
    }
}
