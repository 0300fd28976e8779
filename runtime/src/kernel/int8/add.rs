//! Sums of two activations, and an activation in another unit.

use bytemuck::{Pod, Zeroable};

#[cfg(cortex_m_dsp)]
use super::dsp;
#[cfg(not(cortex_m_dsp))]
use super::pack::saturate;
use super::requantize::Requantize;
use super::{Bytes, Channel};
use crate::bits::FromBytes;

/// Bits by which both are shifted to the left, so that little is lost when they come to one unit.
const SHIFT: u32 = 20;

/// How two inputs come to one unit, and their sum to the unit of the output. TensorFlow Lite's reference kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes)]
#[repr(C)]
pub struct Add {
    /// From the unit of each input to twice the larger of the two.
    pub inputs: [Requantize; 2],
    /// From there to the unit of the output.
    pub output: Requantize,
}

// SAFETY: whole numbers of one width, with nothing between them.
unsafe impl Zeroable for Add {}
// SAFETY: as above.
unsafe impl Pod for Add {}

impl Add {
    /// Of inputs and an output with these scales.
    pub const fn of([a, b]: [f32; 2], output: f32) -> Self {
        let both = 2.0 * if a > b { a } else { b } as f64;
        let unit = (1u32 << SHIFT) as f64 * output as f64;
        Add {
            inputs: [Requantize::of(a as f64 / both), Requantize::of(b as f64 / both)],
            output: Requantize::of(both / unit),
        }
    }
}

/// What the larger of two units is to twice itself.
const HALF: Requantize = Requantize { multiplier: 1 << 30, shift: 0 };

/// `y[i] = a[i] + b[i]`, the zero points of which are `zeros`.
///
/// # Panics
/// When the slices differ in length.
#[inline(never)]
pub fn add(add: &Add, [a, b]: [&[i8]; 2], zeros: [i8; 2], bytes: &Bytes, y: &mut [i8]) {
    crate::check::check!(a.len() == y.len() && b.len() == y.len(), "add: the lengths differ");
    let (by, [x, half], [x_zero, half_zero]) = match add.inputs {
        [by, HALF] => (by, [a, b], zeros),
        [HALF, by] => (by, [b, a], [zeros[1], zeros[0]]),
        _ => return slowly(add, [a, b], zeros, bytes, y),
    };
    let steps = |to, zero| {
        let channel = Channel::new([], 0, 0, to);
        channel.is_common().then(|| channel.steps(&Bytes::new(0, zero)))
    };
    let by = if by == HALF { Some(Channel::HALF) } else { steps(by, 0) };
    let (Some(by), Some(output)) = (by, steps(add.output, bytes.output_zero)) else {
        return slowly(add, [a, b], zeros, bytes, y);
    };
    let x_zero = i32::from(x_zero) << SHIFT;
    // With zeros behind it, a number loses nothing when it is halved.
    let half_zero = i32::from(half_zero) << (SHIFT - 1);
    #[cfg(cortex_m_dsp)]
    // SAFETY: as asked above, all are of one length.
    unsafe {
        dsp::Sum { zero: x_zero, by, half_zero, output }.each(x, half, y);
    }
    #[cfg(not(cortex_m_dsp))]
    for ((y, &x), &half) in y.iter_mut().zip(x).zip(half) {
        let scaled = Channel::common((i32::from(x) << SHIFT) - x_zero, by);
        let sum = scaled + ((i32::from(half) << (SHIFT - 1)) - half_zero);
        *y = saturate(Channel::common(sum, output));
    }
    bytes.hold(y);
}

/// As [`add`], for factors of any size.
#[cold]
#[inline(never)]
fn slowly(add: &Add, [a, b]: [&[i8]; 2], zeros: [i8; 2], bytes: &Bytes, y: &mut [i8]) {
    let scaled =
        |x: i8, zero: i8, to: Requantize| to.apply((i32::from(x) - i32::from(zero)) << SHIFT);
    for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
        let sum = scaled(a, zeros[0], add.inputs[0]) + scaled(b, zeros[1], add.inputs[1]);
        *y = bytes.clamp(add.output.apply(sum).saturating_add(bytes.output_zero.into()));
    }
}

/// `y[i] = x[i]` in another unit; `scale` is the unit of `x` in that of `y`.
#[inline]
pub fn rescale(scale: Requantize, x: &[i8], bytes: &Bytes, y: &mut [i8]) {
    for (y, &x) in y.iter_mut().zip(x) {
        let x = i32::from(x) - i32::from(bytes.input_zero);
        *y = bytes.clamp(scale.apply(x).saturating_add(bytes.output_zero.into()));
    }
}
