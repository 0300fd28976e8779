//! Sums of two activations, and an activation in another unit.

use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::Bytes;
use super::requantize::{Requantize, divide_by_power, high_product};

/// Bits by which both are shifted to the left, so that little is lost when they come to one unit.
const SHIFT: u32 = 20;

/// How two inputs come to one unit, and their sum to the unit of the output. TensorFlow Lite's reference kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable)]
#[repr(C)]
pub struct Add {
    /// From the unit of each input to twice the larger of the two.
    pub inputs: [Requantize; 2],
    /// From there to the unit of the output.
    pub output: Requantize,
}

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

/// `y[i] = a[i] + b[i]`, the zero points of which are `zeros`.
///
/// # Panics
/// When the slices differ in length.
#[inline]
pub fn add(add: &Add, [a, b]: [&[i8]; 2], zeros: [i8; 2], bytes: &Bytes, y: &mut [i8]) {
    crate::check::check!(a.len() == y.len() && b.len() == y.len(), "add: the lengths differ");
    let [first, second] = add.inputs;
    let scaled = |x: i8, zero: i8, to: Requantize| {
        let x = (i32::from(x) - i32::from(zero)) << SHIFT;
        divide_by_power(high_product(x, to.multiplier), -to.shift as u32)
    };
    for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
        let sum = scaled(a, zeros[0], first) + scaled(b, zeros[1], second);
        *y = bytes.clamp(add.output.apply(sum) + i32::from(bytes.output_zero));
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
