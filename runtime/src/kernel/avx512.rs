//! Sixteen lanes: x86 with AVX-512F.

use core::arch::x86_64::*;
use core::ops::{Add, Div, Mul, Neg, Sub};

use super::vector::{MAX_LANES, ONE};
use super::{Isa, Vector};

/// A value of this type is only made in code that [`dispatch`](super::dispatch) runs on a processor with AVX-512F.
#[derive(Clone, Copy)]
pub(super) struct Avx512(__m512);

/// The result of an arithmetic intrinsic as a vector.
macro_rules! avx512 {
    ($value:expr) => {
        // SAFETY: the type's invariant: this code runs only where AVX-512F is there.
        Avx512(unsafe { $value })
    };
}

impl Vector for Avx512 {
    const ISA: Isa = Isa::Avx512;
    const LANES: usize = 16;
    const REGISTERS: usize = 32;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        avx512!(_mm512_set1_ps(value))
    }
    #[inline(always)]
    unsafe fn read(from: *const f32) -> Self {
        // SAFETY: the caller's promise, and no alignment is needed; AVX-512F by the type's invariant.
        Avx512(unsafe { _mm512_loadu_ps(from) })
    }
    #[inline(always)]
    unsafe fn write(self, to: *mut f32) {
        // SAFETY: the caller's promise, and no alignment is needed; AVX-512F by the type's invariant.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }
    #[inline(always)]
    fn load_part(from: &[f32]) -> Self {
        // SAFETY: the numbers of a slice are valid for reading.
        unsafe { Self::read_lanes(from.as_ptr(), 0, from.len()) }
    }
    #[inline(always)]
    fn store_part(self, to: &mut [f32]) {
        // SAFETY: the places of a mutable slice are valid for writing.
        unsafe { self.write_lanes(to.as_mut_ptr(), 0, to.len()) }
    }
    #[inline(always)]
    unsafe fn read_lanes(from: *const f32, lane: usize, len: usize) -> Self {
        // SAFETY: only the numbers promised are read, by their count or the mask; AVX-512F by the type's invariant.
        Avx512(unsafe {
            match (lane, len) {
                // Without a mask: what is written so can be read at once, and does not touch the next cache line.
                (0, 4) => _mm512_zextps128_ps512(_mm_loadu_ps(from)),
                (0, 8) => _mm512_zextps256_ps512(_mm256_loadu_ps(from)),
                _ => _mm512_maskz_loadu_ps(mask(len) << lane, from.wrapping_sub(lane)),
            }
        })
    }
    #[inline(always)]
    unsafe fn write_lanes(self, to: *mut f32, lane: usize, len: usize) {
        // SAFETY: only the places promised are written, by their count or the mask; AVX-512F by the type's invariant.
        unsafe {
            match (lane, len) {
                (0, 4) => _mm_storeu_ps(to, _mm512_castps512_ps128(self.0)),
                (0, 8) => _mm256_storeu_ps(to, _mm512_castps512_ps256(self.0)),
                _ => _mm512_mask_storeu_ps(to.wrapping_sub(lane), mask(len) << lane, self.0),
            }
        }
    }
    #[inline(always)]
    unsafe fn transpose(from: *const f32, ldf: usize, to: *mut f32, ldt: usize) {
        // SAFETY: the caller's promise; AVX-512F by the type's invariant.
        unsafe {
            // Vector `i` of `quarters[j]`: of the four rows from `4 i` on, the columns `j`, `4 + j`, `8 + j` and `12 + j`.
            let mut quarters = [[_mm512_setzero_ps(); 4]; 4];
            for (i, row) in (0..Self::LANES).step_by(4).enumerate() {
                let [a, b, c, d] = [0, 1, 2, 3].map(|j| Self::read(from.add((row + j) * ldf)).0);
                let (ab_low, ab_high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
                let (cd_low, cd_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
                quarters[0][i] = _mm512_shuffle_ps::<0x44>(ab_low, cd_low);
                quarters[1][i] = _mm512_shuffle_ps::<0xee>(ab_low, cd_low);
                quarters[2][i] = _mm512_shuffle_ps::<0x44>(ab_high, cd_high);
                quarters[3][i] = _mm512_shuffle_ps::<0xee>(ab_high, cd_high);
            }
            let put = |i: usize, column: __m512| Avx512(column).write(to.add(i * ldt));
            for (j, [a, b, c, d]) in quarters.into_iter().enumerate() {
                let (ab_low, ab_high) =
                    (_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0xee>(a, b));
                let (cd_low, cd_high) =
                    (_mm512_shuffle_f32x4::<0x44>(c, d), _mm512_shuffle_f32x4::<0xee>(c, d));
                put(j, _mm512_shuffle_f32x4::<0x88>(ab_low, cd_low));
                put(4 + j, _mm512_shuffle_f32x4::<0xdd>(ab_low, cd_low));
                put(8 + j, _mm512_shuffle_f32x4::<0x88>(ab_high, cd_high));
                put(12 + j, _mm512_shuffle_f32x4::<0xdd>(ab_high, cd_high));
            }
        }
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        avx512!(_mm512_fmadd_ps(self.0, factor.0, term.0))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        avx512!(_mm512_min_ps(self.0, other.0))
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        avx512!(_mm512_max_ps(self.0, other.0))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        avx512!(_mm512_abs_ps(self.0))
    }
    #[inline(always)]
    fn with_sign_of(self, of: Self) -> Self {
        avx512!({
            let sign = _mm512_set1_epi32(i32::MIN);
            let (this, of) = (_mm512_castps_si512(self.0), _mm512_castps_si512(of.0));
            // this | (of & sign)
            _mm512_castsi512_ps(_mm512_ternarylogic_epi32::<0b1111_1000>(this, of, sign))
        })
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        avx512!(_mm512_sqrt_ps(self.0))
    }
    #[inline(always)]
    fn exp2_shifted(self) -> Self {
        avx512!({
            let n = _mm512_slli_epi32::<23>(_mm512_castps_si512(self.0));
            _mm512_castsi512_ps(_mm512_add_epi32(n, _mm512_set1_epi32(ONE as i32)))
        })
    }
    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        avx512!(_mm512_scalef_ps(self.0, n.0))
    }
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let mantissa = avx512!({
            let bits =
                _mm512_and_si512(_mm512_castps_si512(self.0), _mm512_set1_epi32(0x007f_ffff));
            _mm512_castsi512_ps(_mm512_or_si512(bits, _mm512_set1_epi32(0x3f80_0000)))
        });
        let exponent = avx512!({
            let biased = _mm512_srli_epi32::<23>(_mm512_castps_si512(self.0));
            _mm512_cvtepi32_ps(_mm512_sub_epi32(biased, _mm512_set1_epi32(127)))
        });
        (mantissa, exponent)
    }
    #[inline(always)]
    fn where_greater(self, than: Self, yes: Self, no: Self) -> Self {
        avx512!(_mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, than.0), no.0, yes.0))
    }
    #[inline(always)]
    fn where_nan(self, yes: Self, no: Self) -> Self {
        avx512!(_mm512_mask_blend_ps(
            _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(self.0, self.0),
            no.0,
            yes.0
        ))
    }
    #[inline(always)]
    fn unzip(self, next: Self) -> (Self, Self) {
        // SAFETY: the type's invariant: AVX-512F is there.
        unsafe {
            let even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
            let odd = _mm512_or_si512(even, _mm512_set1_epi32(1));
            let at = |places| Avx512(_mm512_permutex2var_ps(self.0, places, next.0));
            (at(even), at(odd))
        }
    }
    #[inline(always)]
    fn zip(self, next: Self) -> (Self, Self) {
        // SAFETY: the type's invariant: AVX-512F is there.
        unsafe {
            let low = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
            let high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
            let at = |places| Avx512(_mm512_permutex2var_ps(self.0, places, next.0));
            (at(low), at(high))
        }
    }
    #[inline(always)]
    fn rotate(self, by: usize) -> Self {
        avx512!({
            // Of each place only the lowest four bits count.
            let lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            _mm512_permutexvar_ps(_mm512_add_epi32(lanes, _mm512_set1_epi32(by as i32)), self.0)
        })
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: the type's invariant: AVX-512F is there.
        unsafe { _mm512_reduce_add_ps(self.0) }
    }
    #[inline(always)]
    fn sums(of: &[Self; MAX_LANES]) -> Self {
        // Of four vectors, what is left of each in a quarter. No closure: it might not be inlined.
        macro_rules! quarters {
            ($i:literal) => {
                quarters([of[$i].0, of[$i + 4].0, of[$i + 8].0, of[$i + 12].0])
            };
        }
        avx512!({
            let [a, b, c, d] = [quarters!(0), quarters!(1), quarters!(2), quarters!(3)];
            let ab =
                _mm512_add_ps(_mm512_shuffle_ps::<0x44>(a, b), _mm512_shuffle_ps::<0xee>(a, b));
            let cd =
                _mm512_add_ps(_mm512_shuffle_ps::<0x44>(c, d), _mm512_shuffle_ps::<0xee>(c, d));
            _mm512_add_ps(_mm512_shuffle_ps::<0x88>(ab, cd), _mm512_shuffle_ps::<0xdd>(ab, cd))
        })
    }
    #[inline(always)]
    fn sum_each(of: [Self; 8]) -> [f32; 8] {
        let mut sums = [0.0; 8];
        // SAFETY: eight places to write; AVX-512F by the type's invariant.
        unsafe {
            let [a, b, c, d, e, f, g, h] = of.map(|of| of.0);
            let (ad, eh) = (quarters([a, b, c, d]), quarters([e, f, g, h]));
            // Each quarter holds what is left of one vector of the first four and one of the last.
            let pairs =
                _mm512_add_ps(_mm512_shuffle_ps::<0x44>(ad, eh), _mm512_shuffle_ps::<0xee>(ad, eh));
            let ones = _mm512_add_ps(pairs, _mm512_movehdup_ps(pairs));
            let places = _mm512_setr_epi32(0, 4, 8, 12, 2, 6, 10, 14, 0, 0, 0, 0, 0, 0, 0, 0);
            let ordered = _mm512_permutexvar_ps(places, ones);
            _mm256_storeu_ps(sums.as_mut_ptr(), _mm512_castps512_ps256(ordered));
        }
        sums
    }
}

/// Of four vectors the halves added to each other, and the halves of those: a quarter of a register is left of each.
///
/// # Safety
/// AVX-512F is available.
#[inline(always)]
unsafe fn quarters([a, b, c, d]: [__m512; 4]) -> __m512 {
    // SAFETY: the caller's promise.
    unsafe {
        let [ab, cd] = [(a, b), (c, d)].map(|(a, b)| {
            let low = _mm512_shuffle_f32x4::<0x44>(a, b);
            _mm512_add_ps(low, _mm512_shuffle_f32x4::<0xee>(a, b))
        });
        let low = _mm512_shuffle_f32x4::<0x88>(ab, cd);
        _mm512_add_ps(low, _mm512_shuffle_f32x4::<0xdd>(ab, cd))
    }
}

/// Lanes `0 .. len` on, the others off; `len` is at most 16.
#[inline(always)]
fn mask(len: usize) -> __mmask16 {
    assert!(len <= 16);
    ((1u32 << len) - 1) as __mmask16
}

impl Add for Avx512 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        avx512!(_mm512_add_ps(self.0, other.0))
    }
}
impl Sub for Avx512 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        avx512!(_mm512_sub_ps(self.0, other.0))
    }
}
impl Mul for Avx512 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        avx512!(_mm512_mul_ps(self.0, other.0))
    }
}
impl Div for Avx512 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        avx512!(_mm512_div_ps(self.0, other.0))
    }
}
impl Neg for Avx512 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        avx512!({
            let sign = _mm512_set1_epi32(i32::MIN);
            _mm512_castsi512_ps(_mm512_xor_si512(_mm512_castps_si512(self.0), sign))
        })
    }
}
