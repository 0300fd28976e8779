//! Four lanes: 64-bit ARM, where every processor has NEON.

use core::arch::aarch64::*;
use core::ops::{Add, Div, Mul, Neg, Sub};

use super::vector::ONE;
use super::{Isa, Vector};

/// Four floats in a NEON register.
#[derive(Clone, Copy)]
pub(super) struct Neon(float32x4_t);

/// The result of an arithmetic intrinsic as a vector.
macro_rules! neon {
    ($value:expr) => {
        // SAFETY: this file is compiled only where NEON is part of the target.
        Neon(unsafe { $value })
    };
}

impl Vector for Neon {
    const ISA: Isa = Isa::Neon;
    const LANES: usize = 4;
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        neon!(vdupq_n_f32(value))
    }
    #[inline(always)]
    unsafe fn read(from: *const f32) -> Self {
        // SAFETY: the caller's promise, and no alignment is needed; NEON is part of the target.
        Neon(unsafe { vld1q_f32(from) })
    }
    #[inline(always)]
    unsafe fn write(self, to: *mut f32) {
        // SAFETY: the caller's promise, and no alignment is needed; NEON is part of the target.
        unsafe { vst1q_f32(to, self.0) }
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        neon!(vfmaq_f32(term.0, self.0, factor.0))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        // `vminq` would give NaN where `self` is NaN.
        neon!(vbslq_f32(vcltq_f32(self.0, other.0), self.0, other.0))
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.where_greater(other, self, other)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        neon!(vabsq_f32(self.0))
    }
    #[inline(always)]
    fn with_sign_of(self, of: Self) -> Self {
        neon!(vbslq_f32(vdupq_n_u32(1 << 31), of.0, self.0))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        neon!(vsqrtq_f32(self.0))
    }
    #[inline(always)]
    fn exp2_shifted(self) -> Self {
        neon!({
            let n = vshlq_n_u32::<23>(vreinterpretq_u32_f32(self.0));
            vreinterpretq_f32_u32(vaddq_u32(n, vdupq_n_u32(ONE)))
        })
    }
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let mantissa = neon!({
            let bits = vandq_u32(vreinterpretq_u32_f32(self.0), vdupq_n_u32(0x007f_ffff));
            vreinterpretq_f32_u32(vorrq_u32(bits, vdupq_n_u32(0x3f80_0000)))
        });
        let exponent = neon!({
            let biased = vreinterpretq_s32_u32(vshrq_n_u32::<23>(vreinterpretq_u32_f32(self.0)));
            vcvtq_f32_s32(vsubq_s32(biased, vdupq_n_s32(127)))
        });
        (mantissa, exponent)
    }
    #[inline(always)]
    fn where_greater(self, than: Self, yes: Self, no: Self) -> Self {
        neon!(vbslq_f32(vcgtq_f32(self.0, than.0), yes.0, no.0))
    }
    #[inline(always)]
    fn where_nan(self, yes: Self, no: Self) -> Self {
        neon!(vbslq_f32(vceqq_f32(self.0, self.0), no.0, yes.0))
    }
    #[inline(always)]
    fn unzip(self, next: Self) -> (Self, Self) {
        (neon!(vuzp1q_f32(self.0, next.0)), neon!(vuzp2q_f32(self.0, next.0)))
    }
    #[inline(always)]
    fn zip(self, next: Self) -> (Self, Self) {
        (neon!(vzip1q_f32(self.0, next.0)), neon!(vzip2q_f32(self.0, next.0)))
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: NEON is part of the target.
        unsafe { vaddv_f32(vadd_f32(vget_low_f32(self.0), vget_high_f32(self.0))) }
    }
}

impl Add for Neon {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        neon!(vaddq_f32(self.0, other.0))
    }
}
impl Sub for Neon {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        neon!(vsubq_f32(self.0, other.0))
    }
}
impl Mul for Neon {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        neon!(vmulq_f32(self.0, other.0))
    }
}
impl Div for Neon {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        neon!(vdivq_f32(self.0, other.0))
    }
}
impl Neg for Neon {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        neon!(vnegq_f32(self.0))
    }
}
