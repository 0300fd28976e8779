//! Weights as they lie in flash, and what each output channel does with its sum.

use bytemuck::{Pod, Zeroable};

use super::Bytes;
#[cfg(cortex_m_dsp)]
use super::dsp::{self, high_product_and};
use super::requantize::Requantize;
use crate::bits::FromBytes;
use crate::check::check;
use crate::kernel::Conv2d;

/// Four bytes next to one another, which are read as a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes)]
#[repr(C, align(4))]
pub struct Four(pub [i8; 4]);

// SAFETY: four bytes, as many as it is aligned to.
unsafe impl Zeroable for Four {}
// SAFETY: as above.
unsafe impl Pod for Four {}

/// The parameters of a layer, packed.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'a> {
    /// As many as [`rows`] or [`conv2d`] says.
    pub weight: &'a [Four],
    /// One for each channel of the output.
    pub channels: &'a [Channel],
}

/// What becomes of the sum of an output channel: `bias` is added, then it is multiplied by a [`Requantize`], and the zero point of the output is added.
///
/// Most factors are 2⁻¹ to 2⁻²², and most sums below 2³⁰. There, with `e = −shift`, all that comes after the high product `q` is
/// `(q − (q < 0) + (2 · zero + 1) · 2^(e − 1)) / 2^e`, rounded down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes)]
#[repr(C)]
pub struct Channel {
    /// The bias, in units of the product of the scales of input and weight, less what the input's zero point adds to the sum.
    pub(super) bias: i32,
    /// Twice the multiplier, less 2³².
    multiplier: i32,
    /// `e − 1`; of any other channel, the shift and `4 · RARE`.
    shift: i32,
}

// SAFETY: whole numbers of one width, with nothing between them.
unsafe impl Zeroable for Channel {}
// SAFETY: as above.
unsafe impl Pod for Channel {}

/// From here on, [`Channel::shift`] stands for any shift.
const RARE: i32 = 32;

impl Channel {
    /// Of an output channel with these weights. `bias` is in units of the product of the scales of input and weight.
    pub fn new(
        weight: impl IntoIterator<Item = i8>,
        bias: i32,
        input_zero: i8,
        requantize: Requantize,
    ) -> Self {
        let (mut sum, mut most) = (0i64, 0i64);
        for w in weight {
            sum += i64::from(w);
            most += i64::from(w).abs() * 128;
        }
        let bias = bias.wrapping_sub((sum * i64::from(input_zero)) as i32);
        let Requantize { multiplier, shift } = requantize;
        let near = (-22..=-1).contains(&shift) && multiplier != 0;
        let fast = near && most + i64::from(bias).abs() < 1 << 30;
        Channel {
            bias,
            multiplier: multiplier.wrapping_mul(2),
            shift: if fast { -shift - 1 } else { 4 * RARE + shift },
        }
    }

    /// Whether it is as most are.
    #[inline(always)]
    pub(super) fn is_common(&self) -> bool {
        self.shift < RARE
    }

    /// The bytes that sums, which began with the bias, become; the bounds of `bytes` are for [`Bytes::hold`] to keep.
    #[inline(always)]
    pub(super) fn finish<const N: usize>(&self, sums: [i32; N], bytes: &Bytes) -> [i8; N] {
        if self.is_common() {
            return self.finish_common(sums, bytes);
        }
        sums.map(|sum| saturate(self.rare(sum, bytes.output_zero.into())))
    }

    /// The sixteen bits that a sum, which began with the bias, becomes, with 0 for the zero point.
    #[inline(always)]
    pub(super) fn finish_wide(&self, sum: i32) -> i16 {
        let y = match self.is_common() {
            true => Self::common(sum, self.steps(&Bytes::new(0, 0))),
            false => self.rare(sum, 0),
        };
        y.clamp(i16::MIN.into(), i16::MAX.into()) as i16
    }

    /// As [`finish`](Channel::finish), of a channel that is as most are.
    #[inline(always)]
    pub(super) fn finish_common<const N: usize>(&self, sums: [i32; N], bytes: &Bytes) -> [i8; N] {
        #[cfg(cortex_m_dsp)]
        return sums.map(|sum| {
            let half = 2 * i32::from(bytes.output_zero) + 1;
            dsp::finish(sum, self.multiplier, half, self.shift)
        });
        #[cfg(not(cortex_m_dsp))]
        {
            let steps = self.steps(bytes);
            sums.map(|sum| saturate(Self::common(sum, steps)))
        }
    }

    /// The [`steps`](Channel::steps) by which even numbers are halved.
    pub(super) const HALF: [i32; 3] = [0, 1, 0];

    /// What becomes of a sum of a common channel by its [`steps`](Channel::steps).
    #[inline(always)]
    pub(super) fn common(sum: i32, [multiplier, half, shift]: [i32; 3]) -> i32 {
        // The high product with the multiplier m, as (2m − 2³²) · sum + 2³² · sum: processors have one instruction for it.
        let high = high_product_and(sum, multiplier, sum);
        let rounded = (high + (high >> 31)).wrapping_add(half);
        rounded.wrapping_shr(shift as u32) >> 1
    }

    /// What a sum of a common channel is multiplied with, what is added, and how far it is shifted, before it is shifted by one more.
    #[inline(always)]
    pub(super) fn steps(&self, bytes: &Bytes) -> [i32; 3] {
        let half = 2 * i32::from(bytes.output_zero) + 1;
        [self.multiplier, half.wrapping_shl(self.shift as u32), self.shift]
    }

    /// What becomes of a sum of a rare channel.
    #[cold]
    #[inline(never)]
    fn rare(&self, sum: i32, zero: i32) -> i32 {
        let multiplier = (self.multiplier as u32 / 2) as i32;
        Requantize { multiplier, shift: self.shift - 4 * RARE }.apply(sum).saturating_add(zero)
    }
}

/// `(a · b + 2³² · c + 2³¹) / 2³²`, rounded down.
#[cfg(not(cortex_m_dsp))]
#[inline(always)]
fn high_product_and(a: i32, b: i32, c: i32) -> i32 {
    c.wrapping_add(((i64::from(a) * i64::from(b) + (1 << 31)) >> 32) as i32)
}

/// The byte nearest to `x`.
#[inline(always)]
pub(super) fn saturate(x: i32) -> i8 {
    x.clamp(i8::MIN.into(), i8::MAX.into()) as i8
}

/// Fours that `rows` rows of `taps` weights take.
pub const fn rows(rows: usize, taps: usize) -> usize {
    rows * taps.div_ceil(4)
}

/// Fours that the weights of a convolution take.
pub const fn conv2d(shape: &Conv2d) -> usize {
    let [kh, kw] = shape.kernel;
    if is_depthwise(shape) {
        return (kh * kw * shape.out_channels).div_ceil(4);
    }
    rows(shape.out_channels, kh * kw * shape.in_channels / at_least_one(shape.groups))
}

/// Whether each channel of the output sees one of several of the input.
pub(super) const fn is_depthwise(shape: &Conv2d) -> bool {
    shape.groups > 1 && shape.groups == shape.in_channels
}

pub(super) const fn at_least_one(n: usize) -> usize {
    if n == 0 { 1 } else { n }
}

/// Packs the weights of a convolution: `[OC, KH, KW, C / groups]`, or of a depthwise one (of one channel too) `[KH, KW, OC]`, as TensorFlow Lite has
/// them. `weight_of(row, tap)` gives the weight of tap `(i · KW + j) · C / groups + c` of an output channel.
///
/// # Panics
/// When `packed` has not [`conv2d`] fours.
pub fn pack_conv2d(shape: &Conv2d, weight_of: impl Fn(usize, usize) -> i8, packed: &mut [Four]) {
    check!(packed.len() == conv2d(shape), "packed weights have another length");
    let (out, taps) = (shape.out_channels, taps(shape));
    if !is_depthwise(shape) {
        // The rows of each group are packed as if they were alone.
        let rows = out / at_least_one(shape.groups);
        let packed = packed.chunks_exact_mut(at_least_one(self::rows(rows, taps)));
        for (group, packed) in packed.enumerate() {
            pack_rows(rows, taps, |row, tap| weight_of(group * rows + row, tap), packed);
        }
        return;
    }
    packed.fill(Four::default());
    for tap in 0..taps {
        for channel in 0..out {
            let at = tap * out + channel;
            packed[at / 4].0[at % 4] = weight_of(channel, tap);
        }
    }
}

/// Weights that an output channel of a convolution has.
pub(super) const fn taps(shape: &Conv2d) -> usize {
    shape.kernel[0] * shape.kernel[1] * shape.in_channels / at_least_one(shape.groups)
}

/// Packs rows of weights, as of a dense layer.
///
/// # Panics
/// When `packed` has not [`rows`] fours.
pub fn pack_rows(
    out: usize,
    taps: usize,
    weight_of: impl Fn(usize, usize) -> i8,
    packed: &mut [Four],
) {
    check!(packed.len() == rows(out, taps), "packed weights have another length");
    let fours = taps.div_ceil(4);
    let mut places = packed.iter_mut();
    let mut row = 0;
    while row < out {
        let count = together(out - row);
        for four in 0..fours {
            for (r, place) in (row..row + count).zip(&mut places) {
                *place = Four(core::array::from_fn(|k| {
                    let tap = 4 * four + k;
                    if tap < taps { weight_of(r, tap) } else { 0 }
                }));
            }
        }
        row += count;
    }
}

/// How many of `left` rows are interleaved.
pub(super) const fn together(left: usize) -> usize {
    match left {
        4.. => 4,
        2.. => 2,
        _ => 1,
    }
}
