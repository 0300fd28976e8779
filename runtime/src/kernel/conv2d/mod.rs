//! Two-dimensional convolution (cross-correlation, as PyTorch's `conv2d`) and its two gradients.

#[cfg(feature = "std")]
mod channels;
#[cfg(feature = "std")]
mod direct;
mod ending;
#[cfg(feature = "std")]
mod lanes;
#[cfg(feature = "std")]
mod list;
#[cfg(feature = "std")]
mod outer;
mod reflect;
#[cfg(feature = "std")]
mod reordered;
mod scalar;
#[cfg(feature = "std")]
mod spread;
#[cfg(feature = "std")]
mod sweep;
#[cfg(all(test, feature = "std"))]
mod tests;
#[cfg(feature = "std")]
mod weight;
#[cfg(feature = "std")]
mod winograd;

use crate::check::check;
use crate::kernel::Writing;
use crate::shape::window;
#[cfg(feature = "std")]
use reordered::Reordered;

pub use ending::Ending;
pub use reflect::{conv2d_reflect, conv2d_reflect_backward_input, conv2d_reflect_backward_weight};

/// The sizes of a convolution of one sample; the batch comes with each call.
///
/// `x: [C, H, W]`, `weight: [OC, C / groups, KH, KW]`, `bias: [OC]` → `y: [OC, OH, OW]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2d {
    /// `C`.
    pub in_channels: usize,
    /// `H`.
    pub height: usize,
    /// `W`.
    pub width: usize,
    /// `OC`.
    pub out_channels: usize,
    /// `OH`; the caller works it out, here it is believed.
    pub out_height: usize,
    /// `OW`.
    pub out_width: usize,
    /// `[KH, KW]`.
    pub kernel: [usize; 2],
    /// Steps between windows, down and right.
    pub stride: [usize; 2],
    /// Rows of zeros above, columns of zeros to the left (below and to the right there are as many as the windows reach).
    pub padding: [usize; 2],
    /// Distance of taps, down and right.
    pub dilation: [usize; 2],
    /// Groups of channels that do not see one another; divides `C` and `OC`.
    pub groups: usize,
}

/// The parameters of a convolution.
#[derive(Clone, Copy)]
pub struct Filters<'a> {
    /// `[OC, C / groups, KH, KW]`.
    pub weight: &'a [f32],
    /// What [`Conv2d::pack`] has made of the weight, if it has.
    pub packed: Option<&'a [f32]>,
    /// `[OC]`, or empty: then it counts as zero.
    pub bias: &'a [f32],
}

impl<'a> Filters<'a> {
    /// With nothing packed.
    const fn new(weight: &'a [f32], bias: &'a [f32]) -> Self {
        Filters { weight, packed: None, bias }
    }
}

/// What is written to `y`.
struct Output<'a> {
    /// What it begins with; without, it is added to.
    bias: Option<&'a [f32]>,
    ending: Ending<'a>,
    /// In place of all that, there is zero where this is not positive.
    #[cfg_attr(not(feature = "std"), expect(dead_code, reason = "only Winograd's way reads it"))]
    relu: Option<&'a [f32]>,
}

/// `y[o] = bias[o] + Σ over c, i, j: weight[o][c][i][j] · x[c][S·row + D·i − P][S·col + D·j − P]` for `n` samples;
/// without `bias` (an empty slice) it counts as zero.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d(shape: &Conv2d, n: usize, x: &[f32], weight: &[f32], bias: &[f32], y: &mut [f32]) {
    conv2d_ending(shape, n, x, Filters::new(weight, bias), Ending::NONE, y);
}

/// As [`conv2d`], with an `ending`, which pools only where [`Conv2d::pools`].
///
/// # Panics
/// When a slice's length is not that of its shape, or there is no such ending.
pub fn conv2d_ending(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    filters: Filters<'_>,
    ending: Ending<'_>,
    y: &mut [f32],
) {
    // Without `std` no layer says that it ends in something, and code for it would be in flash for nothing.
    let ending = if cfg!(feature = "std") { ending } else { Ending::NONE };
    check!(ending.fits(shape, n), "conv2d: what comes out of this does not end so");
    #[cfg(feature = "std")]
    let fits = |packed: &[f32]| !packed.is_empty() && packed.len() == shape.packed_len();
    #[cfg(feature = "std")]
    check!(filters.packed.is_none_or(fits), "conv2d: the packed weight has another length");
    if ending.written(shape).fits(n, x, filters.weight, filters.bias, y) {
        forward(shape, n, x, filters, &Output { bias: Some(filters.bias), ending, relu: None }, y);
    }
}

/// As [`conv2d`], added to what `y` holds; without a bias.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d_add(shape: &Conv2d, n: usize, x: &[f32], weight: &[f32], y: &mut [f32]) {
    if shape.fits(n, x, weight, &[], y) {
        let output = &Output { bias: None, ending: Ending::NONE, relu: None };
        forward(shape, n, x, Filters::new(weight, &[]), output, y);
    }
}

fn forward(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    filters: Filters<'_>,
    output: &Output,
    y: &mut [f32],
) {
    let weight = filters.weight;
    #[cfg(feature = "std")]
    if let Some(kernel) = Reordered::of(shape, filters.packed.is_some()) {
        return kernel.forward(shape, n, x, filters, output, y);
    }
    #[cfg(feature = "std")]
    if shape.is_swept() {
        return direct::forward(shape, n, x, weight, output, y);
    }
    for (sample, (x, y)) in shape.samples(x, y).take(n).enumerate() {
        #[cfg(cortex_m_fpu)]
        if super::cortex_m::conv2d::fits(shape) {
            scalar::begin(shape, output.bias, y);
            super::cortex_m::conv2d::add(shape, x, weight, y);
            output.ending.all(shape, sample, y);
            continue;
        }
        scalar::forward(shape, x, weight, output.bias, y);
        output.ending.all(shape, sample, y);
    }
}

/// Adds the gradient of the input, from that of the output, to `dx`: the transposed convolution of `dy`, as PyTorch's
/// `conv_transpose2d` (its `output_padding` is in the height and width of `dx`); or writes it there, as `writing` says.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d_backward_input(
    shape: &Conv2d,
    n: usize,
    dy: &[f32],
    weight: &[f32],
    writing: Writing<'_>,
    dx: &mut [f32],
) {
    if !shape.fits(n, dx, weight, &[], dy) {
        return;
    }
    #[cfg(feature = "std")]
    if winograd::fits(shape, false) {
        return winograd::backward_input(shape, n, dy, weight, writing, dx);
    }
    if writing.is_first() {
        dx.fill(0.0);
    }
    add_backward_input(shape, n, dy, weight, dx);
    writing.rectify(0, dx);
}

fn add_backward_input(shape: &Conv2d, n: usize, dy: &[f32], weight: &[f32], dx: &mut [f32]) {
    #[cfg(feature = "std")]
    if shape.is_swept() {
        return direct::backward_input(shape, n, dy, weight, dx);
    }
    let (x_len, y_len) = (shape.x_len().max(1), shape.y_len().max(1));
    for (dy, dx) in dy.chunks_exact(y_len).zip(dx.chunks_exact_mut(x_len)).take(n) {
        scalar::backward_input(shape, dy, weight, dx);
    }
}

/// Adds the gradients of weight and bias, summed over the `n` samples, to `dw` and `db` (which may be empty).
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn conv2d_backward_weight(
    shape: &Conv2d,
    n: usize,
    x: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    db: &mut [f32],
) {
    if !shape.fits(n, x, dw, db, dy) {
        return;
    }
    #[cfg(feature = "std")]
    if shape.is_swept() {
        if winograd::backward_weight(shape, n, x, dy, dw, db) {
            return;
        }
        return match outer::fits(shape) {
            true => outer::backward_weight(shape, n, x, dy, dw, db),
            false => weight::backward_weight(shape, n, x, dy, dw, db),
        };
    }
    let (x_len, y_len) = (shape.x_len().max(1), shape.y_len().max(1));
    for (x, dy) in x.chunks_exact(x_len).zip(dy.chunks_exact(y_len)) {
        scalar::backward_weight(shape, x, dy, dw, db);
    }
}

impl Conv2d {
    /// A window of `kernel` at every place of `x: [C, H, W]`, in one group, without padding: `OC` channels come out. Of a kernel that is larger than the
    /// input there is no window, until [`windows`](Self::windows) pads it.
    pub const fn of(x: [usize; 3], out_channels: usize, kernel: [usize; 2]) -> Self {
        let [in_channels, height, width] = x;
        let [kh, kw] = kernel;
        Conv2d {
            in_channels,
            height,
            width,
            out_channels,
            out_height: (height + 1).saturating_sub(kh),
            out_width: (width + 1).saturating_sub(kw),
            kernel,
            stride: [1; 2],
            padding: [0; 2],
            dilation: [1; 2],
            groups: 1,
        }
    }

    /// With other windows, and as many of them as there then are; as much padding below and to the right as above and to the left.
    ///
    /// # Panics
    /// When no window fits.
    pub const fn windows(
        self,
        stride: [usize; 2],
        padding: [usize; 2],
        dilation: [usize; 2],
    ) -> Self {
        let [kh, kw] = self.kernel;
        let down = window(self.height, kh, stride[0], padding[0], dilation[0]);
        let right = window(self.width, kw, stride[1], padding[1], dilation[1]);
        let (Some(out_height), Some(out_width)) = (down, right) else {
            panic!("convolution: no window fits");
        };
        Conv2d { out_height, out_width, stride, padding, dilation, ..self }
    }

    /// In so many groups of channels that do not see one another.
    pub const fn groups(self, groups: usize) -> Self {
        Conv2d { groups, ..self }
    }

    /// Numbers in one input.
    pub const fn x_len(&self) -> usize {
        self.in_channels * self.height * self.width
    }

    /// Numbers in one output.
    pub const fn y_len(&self) -> usize {
        self.out_channels * self.out_height * self.out_width
    }

    /// Whether an [`Ending`] may pool: where two by two outputs are worked out together.
    pub const fn pools(&self) -> bool {
        #[cfg(feature = "std")]
        return winograd::fits(self, false);
        #[cfg(not(feature = "std"))]
        false
    }

    /// Numbers that [`pack`](Self::pack) writes.
    #[cfg(feature = "std")]
    pub const fn packed_len(&self) -> usize {
        match Reordered::of(self, true) {
            Some(kernel) => kernel.packed_len(self),
            None => 0,
        }
    }

    /// Writes the weight as it is multiplied with, which takes a small image as much time as the convolution.
    ///
    /// # Panics
    /// When the weight, or `to`, has another length.
    #[cfg(feature = "std")]
    pub fn pack(&self, weight: &[f32], to: &mut [f32]) {
        assert!(weight.len() == self.weight_len(), "conv2d: the weight has another length");
        assert!(to.len() == self.packed_len(), "conv2d: there is no such packed weight");
        if let Some(kernel) = Reordered::of(self, true) {
            kernel.pack(self, weight, to);
        }
    }

    /// Numbers in the weight.
    pub const fn weight_len(&self) -> usize {
        self.out_channels
            * (self.in_channels / at_least_one(self.groups))
            * self.kernel[0]
            * self.kernel[1]
    }

    /// How far the last tap along `axis` is from the first.
    #[cfg(feature = "std")]
    const fn reach(&self, axis: usize) -> usize {
        self.dilation[axis] * (self.kernel[axis] - 1)
    }

    /// Whether there is anything to do, and no more taps than [`sweep`] has places for.
    #[cfg(feature = "std")]
    const fn is_swept(&self) -> bool {
        let taps = self.kernel[0] * self.kernel[1];
        let is_empty = self.y_len() == 0 || self.weight_len() == 0 || self.x_len() == 0;
        !is_empty && taps <= sweep::MAX_TAPS
    }

    /// Whether the slices are as long as their shapes.
    fn fits(&self, n: usize, x: &[f32], weight: &[f32], bias: &[f32], y: &[f32]) -> bool {
        check!(x.len() == n * self.x_len(), "conv2d: the input has another length", false);
        check!(y.len() == n * self.y_len(), "conv2d: the output has another length", false);
        check!(weight.len() == self.weight_len(), "conv2d: the weight has another length", false);
        let bias_fits = bias.is_empty() || bias.len() == self.out_channels;
        check!(bias_fits, "conv2d: the bias has another length", false);
        true
    }

    fn samples<'a>(
        &self,
        x: &'a [f32],
        y: &'a mut [f32],
    ) -> impl Iterator<Item = (&'a [f32], &'a mut [f32])> {
        x.chunks_exact(self.x_len().max(1)).zip(y.chunks_exact_mut(self.y_len().max(1)))
    }
}

/// `size`, which is never zero; only here the compiler can see it.
const fn at_least_one(size: usize) -> usize {
    if size == 0 { 1 } else { size }
}
