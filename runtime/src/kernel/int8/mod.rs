//! Networks in bytes: TensorFlow Lite's integer arithmetic, bit for bit as its reference kernels have it.
//!
//! A byte `q` of an activation stands for `scale · (q − zero)`, with one scale and zero for all of them (asymmetric, per tensor); a byte of a
//! weight for `scale · q`, with a scale for each output channel (symmetric). A kernel forms `Σ w · x + bias` in `i32` and turns it into a byte
//! of the output: [`Channel`]. Images have their channels last: `x: [H, W, C]`.
//!
//! # Weights
//!
//! They are [packed](pack) once, on the host, into the form that lies in flash. It is the same for all processors:
//!
//! - Those of a dense layer or a convolution are rows of taps, one row for each output channel, a tap for each number that it sees (`kh`, `kw`,
//!   channel; TensorFlow Lite's OHWI). Taps come in [fours](Four), of which the last is filled up with zeros. Rows are interleaved by fours:
//!   `[out / 4][taps / 4][4 rows]`. What is left of the rows is interleaved by two, and a last one is alone, so that no row is made up.
//! - Those of a depthwise convolution stay as they are, `[kh][kw][C]`, with zeros behind them to a whole four. From one channel, it is a convolution.
//!
//! The input's zero point is folded into `bias`, and padding is filled with it: so kernels take bytes as they are. A Cortex-M with DSP instructions
//! reads the words of four rows with one `ldm` (dense) or of two with one `ldrd` (convolutions, for two pixels at a time), four taps each, and makes
//! sixteen-bit halves of them for `smlad`; a vector unit reads sixteen bytes at once; plain code takes them byte by byte.
//!
//! # Sizes
//!
//! They come as [`Conv2d`](super::Conv2d) and [`Pool2d`](super::Pool2d), with as many rows and columns below and to the right as the windows reach.
//! Where the compiler knows them, as in a network, loops and checks fold. Scratch is lent by the caller, in bytes that lie on a word's boundary.

mod add;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod avx2;
mod conv2d;
mod dense;
mod depthwise;
#[cfg(cortex_m_dsp)]
mod dsp;
mod exp;
#[cfg(cortex_m_dsp)]
mod lines;
pub mod pack;
mod pool2d;
pub mod recurrent;
mod requantize;
mod sigmoid;
mod softmax;
mod table;
#[cfg(all(test, feature = "std"))]
mod tests;
mod tile;
mod window;

pub use add::{Add, add, rescale};
pub use conv2d::{conv2d, conv2d_scratch};
pub use dense::{dense, dense_scratch};
pub use pack::{Channel, Four, Packed};
pub use pool2d::{avg_pool2d, max_pool2d};
pub use requantize::{Requantize, conv_scale, dense_scale};
pub use softmax::Softmax;
pub use table::{Table, logistic_table, look_up, tanh_table};

use bytemuck::{Pod, Zeroable};

use crate::bits::FromBytes;

/// What the bytes around a kernel stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes)]
#[repr(C)]
pub struct Bytes {
    /// The input's byte for 0.
    pub input_zero: i8,
    /// The output's byte for 0.
    pub output_zero: i8,
    /// The least that comes out: more than −128 behind a ReLU, unless that is where 0 is.
    pub min: i8,
    /// The most that comes out.
    pub max: i8,
}

// SAFETY: bytes, with nothing between them.
unsafe impl Zeroable for Bytes {}
// SAFETY: as above.
unsafe impl Pod for Bytes {}

impl Bytes {
    /// `input_zero`, `output_zero`, and nothing held back.
    pub const fn new(input_zero: i8, output_zero: i8) -> Self {
        Bytes { input_zero, output_zero, min: i8::MIN, max: i8::MAX }
    }

    /// With nothing below 0 in the output.
    pub const fn relu(self) -> Self {
        Bytes { min: self.output_zero, ..self }
    }

    /// Keeps all of `y` within the bounds.
    #[inline(always)]
    fn hold(&self, y: &mut [i8]) {
        if self.min > i8::MIN || self.max < i8::MAX {
            self.hold_all(y);
        }
    }

    #[inline(never)]
    fn hold_all(&self, y: &mut [i8]) {
        let hold = |y: &mut i8| *y = (*y).max(self.min).min(self.max);
        #[cfg(cortex_m_dsp)]
        {
            let (fours, rest) = y.as_chunks_mut::<4>();
            dsp::hold(fours, self.min, self.max);
            rest.iter_mut().for_each(hold);
        }
        #[cfg(not(cortex_m_dsp))]
        y.iter_mut().for_each(hold);
    }

    /// The byte nearest to `x` that may come out.
    #[inline(always)]
    fn clamp(&self, x: i32) -> i8 {
        // The bounds of a byte first: where they are the only ones, it is one instruction.
        let x = x.clamp(i8::MIN.into(), i8::MAX.into()) as i8;
        if self.min == i8::MIN && self.max == i8::MAX { x } else { x.max(self.min).min(self.max) }
    }
}

/// The first `len` values in `scratch`, and the bytes behind them. `None` where there are not so many, or they do not begin where they may.
#[inline(always)]
fn first_of<T: Pod>(scratch: &mut [i8], len: usize) -> Option<(&mut [T], &mut [i8])> {
    if len > scratch.len() / size_of::<T>() {
        return None;
    }
    let (values, rest) = scratch.split_at_mut_checked(len * size_of::<T>())?;
    Some((bytemuck::try_cast_slice_mut(values).ok()?, rest))
}
