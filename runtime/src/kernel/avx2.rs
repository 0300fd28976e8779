//! Eight lanes: x86 with AVX2 and FMA.

use core::arch::x86_64::*;
use core::ops::{Add, Div, Mul, Neg, Sub};

use super::vector::{MAX_LANES, ONE};
use super::{Isa, Vector};

/// A value of this type is only made in code that [`dispatch`](super::dispatch) runs on a processor with AVX2 and FMA.
#[derive(Clone, Copy)]
pub(super) struct Avx2(__m256);

/// The result of an arithmetic intrinsic as a vector.
macro_rules! avx2 {
    ($value:expr) => {
        // SAFETY: the type's invariant: this code runs only where AVX2 and FMA are there.
        Avx2(unsafe { $value })
    };
}

impl Vector for Avx2 {
    const ISA: Isa = Isa::Avx2;
    const LANES: usize = 8;
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        avx2!(_mm256_set1_ps(value))
    }
    #[inline(always)]
    unsafe fn read(from: *const f32) -> Self {
        // SAFETY: the caller's promise, and no alignment is needed; AVX by the type's invariant.
        Avx2(unsafe { _mm256_loadu_ps(from) })
    }
    #[inline(always)]
    unsafe fn write(self, to: *mut f32) {
        // SAFETY: the caller's promise, and no alignment is needed; AVX by the type's invariant.
        unsafe { _mm256_storeu_ps(to, self.0) }
    }
    #[inline(always)]
    fn load_part(from: &[f32]) -> Self {
        // SAFETY: as many numbers are there; AVX2 by the type's invariant.
        Avx2(unsafe { load_first(from.as_ptr(), from.len()) })
    }
    #[inline(always)]
    fn store_part(self, to: &mut [f32]) {
        // SAFETY: there are as many places; AVX2 by the type's invariant.
        unsafe { store_first(self.0, to.as_mut_ptr(), to.len()) }
    }
    #[inline(always)]
    unsafe fn read_lanes(from: *const f32, lane: usize, len: usize) -> Self {
        // SAFETY: the mask lets only the numbers promised be read; AVX2 by the type's invariant.
        Avx2(unsafe {
            match lane {
                0 => load_first(from, len),
                _ => _mm256_maskload_ps(from.wrapping_sub(lane), lanes(lane, len)),
            }
        })
    }
    #[inline(always)]
    unsafe fn write_lanes(self, to: *mut f32, lane: usize, len: usize) {
        let first = if lane == 0 { self } else { self.rotate(lane) };
        // SAFETY: the caller's promise; AVX2 by the type's invariant.
        unsafe { store_first(first.0, to, len) }
    }
    #[inline(always)]
    unsafe fn transpose(from: *const f32, ldf: usize, to: *mut f32, ldt: usize) {
        // SAFETY: the caller's promise; AVX by the type's invariant.
        unsafe {
            let put = |i: usize, v: __m256| _mm256_storeu_ps(to.add(i * ldt), v);
            // Rows i and i + 4 share a register, so that the two halves never have to cross later.
            let both = |i: usize, half: usize| {
                let low = _mm256_castps128_ps256(_mm_loadu_ps(from.add(i * ldf + 4 * half)));
                _mm256_insertf128_ps::<1>(low, _mm_loadu_ps(from.add((i + 4) * ldf + 4 * half)))
            };
            for half in 0..2 {
                let [a, b, c, d] = [both(0, half), both(1, half), both(2, half), both(3, half)];
                let (ab_low, ab_high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
                let (cd_low, cd_high) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
                put(4 * half, _mm256_shuffle_ps::<0x44>(ab_low, cd_low));
                put(4 * half + 1, _mm256_shuffle_ps::<0xee>(ab_low, cd_low));
                put(4 * half + 2, _mm256_shuffle_ps::<0x44>(ab_high, cd_high));
                put(4 * half + 3, _mm256_shuffle_ps::<0xee>(ab_high, cd_high));
            }
        }
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        avx2!(_mm256_fmadd_ps(self.0, factor.0, term.0))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        avx2!(_mm256_min_ps(self.0, other.0))
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        avx2!(_mm256_max_ps(self.0, other.0))
    }
    #[inline(always)]
    fn abs(self) -> Self {
        avx2!(_mm256_andnot_ps(_mm256_set1_ps(-0.0), self.0))
    }
    #[inline(always)]
    fn with_sign_of(self, of: Self) -> Self {
        avx2!(_mm256_or_ps(self.0, _mm256_and_ps(_mm256_set1_ps(-0.0), of.0)))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        avx2!(_mm256_sqrt_ps(self.0))
    }
    #[inline(always)]
    fn exp2_shifted(self) -> Self {
        avx2!({
            let n = _mm256_slli_epi32::<23>(_mm256_castps_si256(self.0));
            _mm256_castsi256_ps(_mm256_add_epi32(n, _mm256_set1_epi32(ONE as i32)))
        })
    }
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let mantissa = avx2!({
            let bits = _mm256_and_ps(self.0, _mm256_castsi256_ps(_mm256_set1_epi32(0x007f_ffff)));
            _mm256_or_ps(bits, _mm256_set1_ps(1.0))
        });
        let exponent = avx2!({
            let biased = _mm256_srli_epi32::<23>(_mm256_castps_si256(self.0));
            _mm256_cvtepi32_ps(_mm256_sub_epi32(biased, _mm256_set1_epi32(127)))
        });
        (mantissa, exponent)
    }
    #[inline(always)]
    fn where_greater(self, than: Self, yes: Self, no: Self) -> Self {
        avx2!(_mm256_blendv_ps(no.0, yes.0, _mm256_cmp_ps::<_CMP_GT_OQ>(self.0, than.0)))
    }
    #[inline(always)]
    fn where_nan(self, yes: Self, no: Self) -> Self {
        avx2!(_mm256_blendv_ps(no.0, yes.0, _mm256_cmp_ps::<_CMP_UNORD_Q>(self.0, self.0)))
    }
    #[inline(always)]
    fn unzip(self, next: Self) -> (Self, Self) {
        // SAFETY: the type's invariant: AVX2 is there.
        unsafe {
            // By halves of both vectors, whose pairs are then put in order.
            let even = _mm256_castps_pd(_mm256_shuffle_ps::<0x88>(self.0, next.0));
            let odd = _mm256_castps_pd(_mm256_shuffle_ps::<0xdd>(self.0, next.0));
            let in_order = |v| Avx2(_mm256_castpd_ps(_mm256_permute4x64_pd::<0xd8>(v)));
            (in_order(even), in_order(odd))
        }
    }
    #[inline(always)]
    fn zip(self, next: Self) -> (Self, Self) {
        // SAFETY: the type's invariant: AVX2 is there.
        unsafe {
            // Within each half, whose pairs are then put in order.
            let (low, high) =
                (_mm256_unpacklo_ps(self.0, next.0), _mm256_unpackhi_ps(self.0, next.0));
            let first = _mm256_permute2f128_ps::<0x20>(low, high);
            (Avx2(first), Avx2(_mm256_permute2f128_ps::<0x31>(low, high)))
        }
    }
    #[inline(always)]
    fn rotate(self, by: usize) -> Self {
        avx2!({
            // Of each place only the lowest three bits count.
            let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let places = _mm256_add_epi32(lanes, _mm256_set1_epi32(by as i32));
            _mm256_permutevar8x32_ps(self.0, places)
        })
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: the type's invariant: AVX2 is there.
        unsafe {
            let four =
                _mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }
    #[inline(always)]
    fn sums(of: &[Self; MAX_LANES]) -> Self {
        let [Avx2(a), Avx2(b), Avx2(c), Avx2(d), Avx2(e), Avx2(f), Avx2(g), Avx2(h), ..] = *of;
        avx2!(sum8([a, b, c, d, e, f, g, h]))
    }
    #[inline(always)]
    fn sum_each(of: [Self; 8]) -> [f32; 8] {
        let mut sums = [0.0; 8];
        let [Avx2(a), Avx2(b), Avx2(c), Avx2(d), Avx2(e), Avx2(f), Avx2(g), Avx2(h)] = of;
        avx2!(sum8([a, b, c, d, e, f, g, h])).store(&mut sums);
        sums
    }
}

/// The sums of eight vectors: of each the halves are added, and again, with several of them in one register.
///
/// # Safety
/// AVX is available.
#[inline(always)]
unsafe fn sum8(of: [__m256; 8]) -> __m256 {
    // SAFETY: the caller's promise.
    unsafe {
        let mut fours = [_mm256_setzero_ps(); 4];
        for (i, fours) in fours.iter_mut().enumerate() {
            let (a, b) = (of[i], of[i + 4]);
            let crossed = _mm256_permute2f128_ps::<0x21>(a, b);
            *fours = _mm256_add_ps(_mm256_blend_ps::<0xf0>(a, b), crossed);
        }
        let [a, b, c, d] = fours;
        let ab = _mm256_add_ps(_mm256_shuffle_ps::<0x44>(a, b), _mm256_shuffle_ps::<0xee>(a, b));
        let cd = _mm256_add_ps(_mm256_shuffle_ps::<0x44>(c, d), _mm256_shuffle_ps::<0xee>(c, d));
        _mm256_add_ps(_mm256_shuffle_ps::<0x88>(ab, cd), _mm256_shuffle_ps::<0xdd>(ab, cd))
    }
}

/// Lanes `0 .. len` on, the others off.
#[inline(always)]
fn mask(len: usize) -> __m256i {
    static ON_OFF: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
    let from = &ON_OFF[8 - len..][..8];
    // SAFETY: eight readable integers at any alignment; AVX by the invariant of `Avx2`, whose methods alone call this.
    unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
}

/// Lanes `lane .. lane + len` on, the others off.
#[inline(always)]
fn lanes(lane: usize, len: usize) -> __m256i {
    // SAFETY: AVX2 by the invariant of `Avx2`, whose methods alone call this.
    unsafe { _mm256_andnot_si256(mask(lane), mask(lane + len)) }
}

impl Add for Avx2 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        avx2!(_mm256_add_ps(self.0, other.0))
    }
}
impl Sub for Avx2 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        avx2!(_mm256_sub_ps(self.0, other.0))
    }
}
impl Mul for Avx2 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        avx2!(_mm256_mul_ps(self.0, other.0))
    }
}
impl Div for Avx2 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        avx2!(_mm256_div_ps(self.0, other.0))
    }
}
impl Neg for Avx2 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        avx2!(_mm256_xor_ps(self.0, _mm256_set1_ps(-0.0)))
    }
}

/// The `len` numbers at `from`, at most eight, and zeros. What [`store_first`] writes in one piece is read in one: where it is read at once, the
/// processor need not wait until it is written.
///
/// # Safety
/// They are valid for reading, and AVX2 is there.
#[inline(always)]
unsafe fn load_first(from: *const f32, len: usize) -> __m256 {
    // SAFETY: the caller's promise.
    unsafe {
        match len {
            1 => _mm256_zextps128_ps256(_mm_load_ss(from)),
            2 => _mm256_zextps128_ps256(_mm_castpd_ps(_mm_load_sd(from.cast()))),
            4 => _mm256_zextps128_ps256(_mm_loadu_ps(from)),
            _ => _mm256_maskload_ps(from, mask(len)),
        }
    }
}

/// Writes the first `len` lanes, at most eight, in pieces: a store under a mask takes some forty operations on AMD's processors, and no load can be given
/// what it has not yet written.
///
/// # Safety
/// `to` is valid for writing them, and AVX is there.
#[inline(always)]
unsafe fn store_first(lanes: __m256, mut to: *mut f32, len: usize) {
    // SAFETY: the caller's promise: each piece is within `len`.
    unsafe {
        if len >= 8 {
            return _mm256_storeu_ps(to, lanes);
        }
        let mut left = _mm256_castps256_ps128(lanes);
        if len & 4 != 0 {
            _mm_storeu_ps(to, left);
            left = _mm256_extractf128_ps::<1>(lanes);
            to = to.add(4);
        }
        if len & 2 != 0 {
            _mm_storel_pd(to.cast(), _mm_castps_pd(left));
            left = _mm_movehl_ps(left, left);
            to = to.add(2);
        }
        if len & 1 != 0 {
            _mm_store_ss(to, left);
        }
    }
}
