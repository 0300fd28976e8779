//! Four lanes: WebAssembly built with `simd128`. It has no fused multiply-add.

use core::arch::wasm32::*;
use core::ops::{Add, Div, Mul, Neg, Sub};

use super::vector::ONE;
use super::{Isa, Vector};

/// Four floats in a `v128`.
#[derive(Clone, Copy)]
pub(super) struct Simd128(v128);

impl Vector for Simd128 {
    const ISA: Isa = Isa::Simd128;
    const LANES: usize = 4;
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        Simd128(f32x4_splat(value))
    }
    #[inline(always)]
    unsafe fn read(from: *const f32) -> Self {
        // SAFETY: the caller's promise, and no alignment is needed.
        Simd128(unsafe { v128_load(from.cast()) })
    }
    #[inline(always)]
    unsafe fn write(self, to: *mut f32) {
        // SAFETY: the caller's promise, and no alignment is needed.
        unsafe { v128_store(to.cast(), self.0) }
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        self * factor + term
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // `pmin(a, b)` is `b < a ? b : a`.
        Simd128(f32x4_pmin(other.0, self.0))
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // `pmax(a, b)` is `a < b ? b : a`.
        Simd128(f32x4_pmax(other.0, self.0))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Simd128(f32x4_abs(self.0))
    }
    #[inline(always)]
    fn with_sign_of(self, of: Self) -> Self {
        Simd128(v128_bitselect(of.0, self.0, u32x4_splat(1 << 31)))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Simd128(f32x4_sqrt(self.0))
    }
    #[inline(always)]
    fn exp2_shifted(self) -> Self {
        Simd128(u32x4_add(u32x4_shl(self.0, 23), u32x4_splat(ONE)))
    }
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let bits = v128_and(self.0, u32x4_splat(0x007f_ffff));
        let exponent = i32x4_sub(u32x4_shr(self.0, 23), i32x4_splat(127));
        (Simd128(v128_or(bits, u32x4_splat(0x3f80_0000))), Simd128(f32x4_convert_i32x4(exponent)))
    }
    #[inline(always)]
    fn where_greater(self, than: Self, yes: Self, no: Self) -> Self {
        Simd128(v128_bitselect(yes.0, no.0, f32x4_gt(self.0, than.0)))
    }
    #[inline(always)]
    fn where_nan(self, yes: Self, no: Self) -> Self {
        Simd128(v128_bitselect(no.0, yes.0, f32x4_eq(self.0, self.0)))
    }
    #[inline(always)]
    fn unzip(self, next: Self) -> (Self, Self) {
        let even = i32x4_shuffle::<0, 2, 4, 6>(self.0, next.0);
        (Simd128(even), Simd128(i32x4_shuffle::<1, 3, 5, 7>(self.0, next.0)))
    }
    #[inline(always)]
    fn zip(self, next: Self) -> (Self, Self) {
        let first = i32x4_shuffle::<0, 4, 1, 5>(self.0, next.0);
        (Simd128(first), Simd128(i32x4_shuffle::<2, 6, 3, 7>(self.0, next.0)))
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        let two = f32x4_add(self.0, i32x4_shuffle::<2, 3, 0, 1>(self.0, self.0));
        f32x4_extract_lane::<0>(two) + f32x4_extract_lane::<1>(two)
    }
}

impl Add for Simd128 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Simd128(f32x4_add(self.0, other.0))
    }
}
impl Sub for Simd128 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Simd128(f32x4_sub(self.0, other.0))
    }
}
impl Mul for Simd128 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Simd128(f32x4_mul(self.0, other.0))
    }
}
impl Div for Simd128 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Simd128(f32x4_div(self.0, other.0))
    }
}
impl Neg for Simd128 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Simd128(f32x4_neg(self.0))
    }
}
