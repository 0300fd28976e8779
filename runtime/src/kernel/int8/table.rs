//! Functions of a byte, as tables of all that can come out.

use super::exp::{logistic, tanh};
use super::requantize::{Requantize, divide_by_power};
use super::softmax::radius;

/// What a function makes of each byte; the place of `x` is `x as u8`.
pub type Table = [i8; 256];

/// Bits before the point of what goes into a function.
const BITS: u32 = 4;

/// `1 / (1 + e⁻ˣ)` of bytes with this scale and zero point; what comes out has scale 1/256 and zero point −128.
///
/// TensorFlow Lite Micro's kernel, which computes in integers.
pub const fn logistic_table(scale: f32, zero: i8) -> Table {
    table(scale, zero, 0)
}

/// The hyperbolic tangent of bytes with this scale and zero point; what comes out has scale 1/128 and zero point 0.
///
/// TensorFlow Lite Micro's kernel, which computes in integers.
pub const fn tanh_table(scale: f32, zero: i8) -> Table {
    table(scale, zero, 1)
}

/// Of function 0, the logistic one, or 1, the tangent.
const fn table(scale: f32, zero: i8, function: u8) -> Table {
    let scale = Requantize::of(scale as f64 * (1u32 << (31 - BITS)) as f64);
    let radius = radius(BITS, scale.shift);
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let x = byte as u8 as i8 as i32 - zero as i32;
        let y = match () {
            () if x <= -radius => i8::MIN as i32,
            () if x >= radius => i8::MAX as i32,
            () if function == 0 => divide_by_power(logistic(scale.apply(x), BITS), 23) - 128,
            () => divide_by_power(tanh(scale.apply(x), BITS), 24),
        };
        table[byte] = if y < -128 {
            -128
        } else if y > 127 {
            127
        } else {
            y as i8
        };
        byte += 1;
    }
    table
}

/// `y[i] = table[x[i]]`.
#[inline]
pub fn look_up(table: &Table, x: &[i8], y: &mut [i8]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = table[usize::from(x as u8)];
    }
}
