//! The innermost loop on hosts with AVX2: sixteen multiplications an instruction.

use core::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_add_epi32, _mm256_cvtepi8_epi16, _mm256_madd_epi16,
    _mm256_set1_epi64x, _mm256_setzero_si256,
};

use super::Four;
use super::tile::Wide;

/// `sums[r][p]` plus `Σ over k: weight[4 · k + r] · x[P · k + p]`: four rows that are interleaved, and `P` windows.
#[target_feature(enable = "avx2")]
pub(super) fn four_rows<const P: usize>(
    weight: &[Four],
    x: &[Wide],
    mut sums: [[i32; P]; 4],
) -> [[i32; P]; 4] {
    // For each window, two sums of each row.
    let mut pairs = [_mm256_setzero_si256(); P];
    for (weight, x) in weight.as_chunks::<4>().0.iter().zip(x.as_chunks::<P>().0) {
        // SAFETY: four fours are sixteen bytes.
        let weight = _mm256_cvtepi8_epi16(unsafe { _mm_loadu_si128(weight.as_ptr().cast()) });
        for (x, pairs) in x.iter().zip(&mut pairs) {
            let products = _mm256_madd_epi16(weight, _mm256_set1_epi64x(x.bits()));
            *pairs = _mm256_add_epi32(*pairs, products);
        }
    }
    for (p, pairs) in pairs.into_iter().enumerate() {
        // SAFETY: both are 256 bits, and any bits are numbers.
        let pairs = unsafe { core::mem::transmute::<__m256i, [[i32; 2]; 4]>(pairs) };
        for (sums, [even, odd]) in sums.iter_mut().zip(pairs) {
            sums[p] += even + odd;
        }
    }
    sums
}
