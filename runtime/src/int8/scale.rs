//! How a byte stands for a number, and how a sum of products comes back to bytes; the rounding is TensorFlow Lite's.

use bytemuck::{must_cast_slice, must_cast_slice_mut};

use crate::int8::network::Part;
use crate::io::safetensors::Dtype;
use crate::layer::{FromBytes, Tensor};

/// A byte `q` stands for the number `scale · (q − zero)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The number between two bytes.
    pub scale: f32,
    /// The byte that stands for 0.
    pub zero: i32,
}

impl Scale {
    /// Of a value that is not used.
    pub const NONE: Self = Scale { scale: 1.0, zero: 0 };
    /// Of probabilities: 256 steps from 0 to 1.
    pub const PROBABILITY: Self = Scale { scale: 1.0 / 256.0, zero: -128 };

    /// The byte that stands for `number`: the nearest one, of two the one farther from 0.
    pub fn byte(self, number: f32) -> i8 {
        let byte = round(number / self.scale).saturating_add(self.zero);
        byte.clamp(-128, 127) as i8
    }

    /// The number that `byte` stands for.
    pub fn number(self, byte: i8) -> f32 {
        self.scale * (i32::from(byte) - self.zero) as f32
    }
}

/// The scales of all values of a network: first of its inputs, then of what its nodes give.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Scales<const V: usize> {
    scale: [f32; V],
    zero: [i32; V],
}

impl<const V: usize> Scales<V> {
    /// All of it zero.
    pub const ZERO: Self = Scales { scale: [0.0; V], zero: [0; V] };
    /// What it is made of.
    pub const TENSORS: &'static [Tensor] =
        &[Tensor::buffer("scale", &[V]), Tensor::buffer("zero", &[V]).of(Dtype::I32)];

    /// The scale of value `v`.
    pub fn get(&self, v: usize) -> Scale {
        match (self.scale.get(v), self.zero.get(v)) {
            (Some(&scale), Some(&zero)) => Scale { scale, zero },
            _ => Scale::NONE,
        }
    }

    /// Sets the scale of value `v`.
    pub fn set(&mut self, v: usize, Scale { scale, zero }: Scale) {
        if let (Some(s), Some(z)) = (self.scale.get_mut(v), self.zero.get_mut(v)) {
            (*s, *z) = (scale, zero);
        }
    }
}

impl<const V: usize> Part for Scales<V> {
    fn count(&self) -> usize {
        Self::TENSORS.len()
    }
    fn get(&self, i: usize) -> &[u8] {
        if i == 0 { must_cast_slice(&self.scale) } else { must_cast_slice(&self.zero) }
    }
    fn get_mut(&mut self, i: usize) -> &mut [u8] {
        if i == 0 {
            must_cast_slice_mut(&mut self.scale)
        } else {
            must_cast_slice_mut(&mut self.zero)
        }
    }
}

/// The nearest whole number, halves away from zero; far ones saturate.
fn round(x: f32) -> i32 {
    let whole = x as i32;
    let rest = x - whole as f32;
    whole.saturating_add(i32::from(rest >= 0.5) - i32::from(rest <= -0.5))
}

#[cfg(feature = "std")]
impl Scale {
    /// For numbers from `low` to `high`, as TensorFlow Lite's converter chooses it: 0 is always among them, and a byte stands for it
    /// exactly (the zero point is nudged; Jacob et al. 2018, section 3).
    pub fn of_range(low: f32, high: f32) -> Self {
        let (low, high) = (f64::from(low.min(0.0)), f64::from(high.max(0.0)));
        if low == high {
            return Self::NONE;
        }
        let scale = (high - low) / 255.0;
        // Of the two ends the one from which the zero point follows with less rounding.
        let (from_low, from_high) = (-128.0 - low / scale, 127.0 - high / scale);
        let (error_low, error_high) = (128.0 + (low / scale).abs(), 127.0 + (high / scale).abs());
        let zero = if error_low < error_high { from_low } else { from_high };
        Scale { scale: scale as f32, zero: zero.round().clamp(-128.0, 127.0) as i32 }
    }

    /// For the weights of one channel, from −127 to 127, as TensorFlow Lite's converter chooses it.
    pub(super) fn of_weights(row: &[f32]) -> Self {
        let most = row.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
        Scale { scale: if most > 0.0 { most / 127.0 } else { 1.0 }, zero: 0 }
    }

    /// Rounds numbers to those that bytes stand for.
    pub(super) fn round(self, x: &mut [f32]) {
        x.iter_mut().for_each(|x| *x = self.number(self.byte(*x)));
    }

    /// Whether a byte is as near to `number` as bytes are to each other: whether it is not beyond them.
    pub(super) fn holds(self, number: f32) -> bool {
        (-128..=127).contains(&round(number / self.scale).saturating_add(self.zero))
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    #[test]
    fn zero_is_a_byte() {
        let scale = Scale::of_range(-1.0, 3.0);
        assert_eq!(scale, Scale { scale: 4.0 / 255.0, zero: -64 });
        assert_eq!((scale.byte(0.0), scale.number(-64)), (-64, 0.0));
        assert_eq!((scale.byte(9.0), scale.byte(-9.0)), (127, -128));
        // Of numbers on one side of 0 the other end is 0.
        assert_eq!(Scale::of_range(1.0, 2.0), Scale { scale: 2.0 / 255.0, zero: -128 });
        assert_eq!(Scale::of_range(-2.0, -1.0), Scale { scale: 2.0 / 255.0, zero: 127 });
        assert_eq!(Scale::of_range(0.0, 0.0), Scale::NONE);
    }

    #[test]
    fn halves_go_away_from_zero() {
        let unit = Scale { scale: 1.0, zero: 0 };
        let rounded = [0.5, -0.5, 1.5, -2.5, 0.499_999_97, 1e20, -1e20].map(|x| unit.byte(x));
        assert_eq!(rounded, [1, -1, 2, -3, 0, 127, -128]);
    }
}
