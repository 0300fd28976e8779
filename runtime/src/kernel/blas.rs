//! Sums and sums of products of vectors, under their BLAS names.

use super::Vector;
use super::dispatch::{Kernel, dispatch};
use crate::check::check;

/// `Σ x[i] · y[i]`, in blocks that are added in pairs: the error grows with the logarithm of the length.
///
/// # Panics
/// When the lengths differ.
pub fn dot(x: &[f32], y: &[f32]) -> f32 {
    assert_eq!(x.len(), y.len(), "dot: the lengths differ");
    dispatch(Dot { x, y })
}

/// `Σ x[i]`, in blocks that are added in pairs.
pub fn sum(x: &[f32]) -> f32 {
    dispatch(Sum { x })
}

/// `Σ x[i]²`, the square of the 2-norm, in blocks that are added in pairs.
pub fn sum_of_squares(x: &[f32]) -> f32 {
    dot(x, x)
}

/// `y ← y + a·x`.
///
/// # Panics
/// When the lengths differ.
pub fn axpy(a: f32, x: &[f32], y: &mut [f32]) {
    check!(x.len() == y.len(), "axpy: the lengths differ");
    dispatch(Axpy { a, x, y });
}

struct Axpy<'a> {
    a: f32,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Kernel for Axpy<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        add_multiple(V::splat(self.a), self.x, self.y);
    }
}

/// `y ← y + a·x`, for slices of one length.
#[inline(always)]
pub(super) fn add_multiple<V: Vector>(a: V, x: &[f32], y: &mut [f32]) {
    let mut xs = x.chunks_exact(V::LANES);
    let mut ys = y.chunks_exact_mut(V::LANES);
    for (x, y) in (&mut xs).zip(&mut ys) {
        a.mul_add(V::load(x), V::load(y)).store(y);
    }
    let (x, y) = (xs.remainder(), ys.into_remainder());
    if !x.is_empty() {
        a.mul_add(V::load_part(x), V::load_part(y)).store_part(y);
    }
}

struct Dot<'a> {
    x: &'a [f32],
    y: &'a [f32],
}

impl Kernel for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<V: Vector>(self) -> f32 {
        let mut pairs = Pairs::default();
        for (x, y) in self.x.chunks(BLOCK * V::LANES).zip(self.y.chunks(BLOCK * V::LANES)) {
            let mut sums = [V::splat(0.0); 4];
            let (mut xs, mut ys) = (x.chunks_exact(4 * V::LANES), y.chunks_exact(4 * V::LANES));
            for (x, y) in (&mut xs).zip(&mut ys) {
                for (j, sum) in sums.iter_mut().enumerate() {
                    *sum = V::load(&x[j * V::LANES..]).mul_add(V::load(&y[j * V::LANES..]), *sum);
                }
            }
            let mut sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
            for (x, y) in xs.remainder().chunks(V::LANES).zip(ys.remainder().chunks(V::LANES)) {
                sum = V::load_part(x).mul_add(V::load_part(y), sum);
            }
            pairs.push(sum.sum());
        }
        pairs.total()
    }
}

struct Sum<'a> {
    x: &'a [f32],
}

impl Kernel for Sum<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<V: Vector>(self) -> f32 {
        let mut pairs = Pairs::default();
        for x in self.x.chunks(BLOCK * V::LANES) {
            let mut sums = [V::splat(0.0); 4];
            let mut xs = x.chunks_exact(4 * V::LANES);
            for x in &mut xs {
                for (j, sum) in sums.iter_mut().enumerate() {
                    *sum = *sum + V::load(&x[j * V::LANES..]);
                }
            }
            let mut sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
            for x in xs.remainder().chunks(V::LANES) {
                sum = sum + V::load_part(x);
            }
            pairs.push(sum.sum());
        }
        pairs.total()
    }
}

/// Numbers that each lane sums in a row, before the sums of blocks are paired.
const BLOCK: usize = 128;

/// Adds numbers in pairs, the sums in pairs, and so on.
struct Pairs {
    count: usize,
    /// The sum of 2ⁱ numbers that have no partner yet, there where bit i of `count` is set.
    waiting: [f32; 32],
}

impl Default for Pairs {
    fn default() -> Self {
        Pairs { count: 0, waiting: [0.0; 32] }
    }
}

impl Pairs {
    #[inline(always)]
    fn push(&mut self, mut sum: f32) {
        let mut level = 0;
        while self.count >> level & 1 == 1 {
            sum += self.waiting[level];
            level += 1;
        }
        self.waiting[level] = sum;
        self.count += 1;
    }

    fn total(&self) -> f32 {
        let mut sum = 0.0;
        for (level, waiting) in self.waiting.iter().enumerate() {
            if self.count >> level & 1 == 1 {
                sum += waiting;
            }
        }
        sum
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::kernel::dispatch::forced;
    use crate::kernel::testing::whole_numbers;
    use std::vec::Vec;

    #[test]
    fn every_length_and_start() {
        forced::on_each(|| {
            for len in [0, 1, 7, 8, 9, 63, 64, 65, 1023, 1024, 1025, 5000] {
                for start in 0..3 {
                    let (x, y) = (whole_numbers(len + 3, 1), whole_numbers(len + 3, 2));
                    let (x, y) = (&x[start..start + len], &y[3 - start..3 - start + len]);
                    assert_eq!(sum(x), x.iter().sum::<f32>());
                    assert_eq!(dot(x, y), x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>());
                    assert_eq!(sum_of_squares(x), x.iter().map(|x| x * x).sum::<f32>());
                    let mut z = y.to_vec();
                    axpy(0.5, x, &mut z);
                    let expected: Vec<f32> = x.iter().zip(y).map(|(x, y)| y + 0.5 * x).collect();
                    assert_eq!(z, expected);
                }
            }
        });
    }

    #[test]
    fn ten_million_tenths() {
        // Added one after the other they would come to 1.09e6.
        let x = std::vec![0.1; 10_000_000];
        forced::on_each(|| assert!((sum(&x) - 1e6).abs() < 1.0, "{}", sum(&x)));
        forced::on_each(|| assert!((sum_of_squares(&x) - 1e5).abs() < 0.1));
    }
}
