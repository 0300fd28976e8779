//! One pass over several slices at once: activations, losses and optimizer steps are all this loop.

use core::ptr::{null, null_mut};
use core::slice::{from_raw_parts, from_raw_parts_mut};

use super::Vector;
use super::dispatch::{Kernel, dispatch};
use crate::check::check;

/// What happens to one place of `W` slices that are written and `R` slices that are only read.
///
/// Mark `at` `#[inline(always)]`: only then is it compiled for the processor's vectors.
///
/// ```
/// use firmnet_runtime::kernel::{Formula, Vector, each};
///
/// /// y ← y + a x
/// struct Axpy(f32);
/// impl Formula<1, 1> for Axpy {
///     #[inline(always)]
///     fn at<V: Vector>(&self, [y]: [V; 1], [x]: [V; 1]) -> [V; 1] {
///         [V::splat(self.0).mul_add(x, y)]
///     }
/// }
///
/// let mut y = [1.0, 2.0, 3.0];
/// each([&mut y], [&[1.0, 1.0, 1.0]], &Axpy(0.5));
/// assert_eq!(y, [1.5, 2.5, 3.5]);
/// ```
pub trait Formula<const W: usize, const R: usize>: Sync {
    /// The new values of the written places, from their old ones and from those only read.
    fn at<V: Vector>(&self, written: [V; W], read: [V; R]) -> [V; W];
}

/// Applies `formula` at every place. All slices have the same length.
///
/// # Panics
/// When the lengths differ.
pub fn each<const W: usize, const R: usize>(
    written: [&mut [f32]; W],
    read: [&[f32]; R],
    formula: &impl Formula<W, R>,
) {
    let places = places(written, read);
    #[cfg(feature = "std")]
    if places.len >= LONG {
        return super::parallel::tasks(32 * places.len, places.len.div_ceil(PART), |task| {
            dispatch(Each { places: places.part(task * PART), formula })
        });
    }
    dispatch(Each { places, formula });
}

/// Where everything is. A function of its own, for it is the same for every formula.
fn places<const W: usize, const R: usize>(
    mut written: [&mut [f32]; W],
    read: [&[f32]; R],
) -> Places<W, R> {
    let len = written.first().map_or(0, |w| w.len());
    let mut places = Places { len: 0, written: [null_mut(); W], read: [null(); R] };
    check!(
        written.iter().all(|w| w.len() == len) && read.iter().all(|r| r.len() == len),
        "each: the lengths differ",
        places
    );
    places.len = len;
    places.written.iter_mut().zip(&mut written).for_each(|(to, w)| *to = w.as_mut_ptr());
    places.read.iter_mut().zip(&read).for_each(|(to, r)| *to = r.as_ptr());
    places
}

/// Slices that are longer are worked on by several threads, in parts.
#[cfg(feature = "std")]
const LONG: usize = 1 << 18;
#[cfg(feature = "std")]
const PART: usize = 1 << 15;

/// All pointers are valid for `len` numbers, and those in `written` for writing.
#[derive(Clone, Copy)]
struct Places<const W: usize, const R: usize> {
    len: usize,
    written: [*mut f32; W],
    read: [*const f32; R],
}

// SAFETY: threads share it only to make parts of it, which do not overlap.
#[cfg(feature = "std")]
unsafe impl<const W: usize, const R: usize> Sync for Places<W, R> {}

impl<const W: usize, const R: usize> Places<W, R> {
    /// The `PART` places from `at` on, or as many as there are.
    #[cfg(feature = "std")]
    fn part(&self, at: usize) -> Self {
        let len = PART.min(self.len - at);
        let written = self.written.map(|to| to.wrapping_add(at));
        let read = self.read.map(|from| from.wrapping_add(at));
        Places { len, written, read }
    }

    /// The numbers of `count` places from `i` on, at most `LANES`.
    ///
    /// # Safety
    /// `i + count` is at most `len`.
    #[inline(always)]
    unsafe fn get<V: Vector>(&self, i: usize, count: usize) -> ([V; W], [V; R]) {
        let (mut written, mut read) = ([V::splat(0.0); W], [V::splat(0.0); R]);
        // SAFETY: the caller's promise.
        unsafe {
            for (to, from) in written.iter_mut().zip(&self.written) {
                *to = get(from.add(i), count);
            }
            for (to, from) in read.iter_mut().zip(&self.read) {
                *to = get(from.add(i), count);
            }
        }
        (written, read)
    }

    /// Writes them.
    ///
    /// # Safety
    /// The same, and nobody else touches these places.
    #[inline(always)]
    unsafe fn put<V: Vector>(&self, new: [V; W], i: usize, count: usize) {
        for (new, to) in new.iter().zip(&self.written) {
            // SAFETY: the caller's promise.
            unsafe {
                match count == V::LANES {
                    true => new.write(to.add(i)),
                    false => new.store_part(from_raw_parts_mut(to.add(i), count)),
                }
            }
        }
    }
}

/// # Safety
/// `count` numbers are there, at most `LANES`.
#[inline(always)]
unsafe fn get<V: Vector>(from: *const f32, count: usize) -> V {
    // SAFETY: the caller's promise.
    unsafe {
        if count == V::LANES { V::read(from) } else { V::load_part(from_raw_parts(from, count)) }
    }
}

struct Each<'a, F, const W: usize, const R: usize> {
    places: Places<W, R>,
    formula: &'a F,
}

impl<F: Formula<W, R>, const W: usize, const R: usize> Each<'_, F, W, R> {
    /// # Safety
    /// There are `count` places from `i` on, at most `LANES`.
    #[inline(always)]
    unsafe fn apply<V: Vector>(&self, i: usize, count: usize) {
        // SAFETY: the caller's promise; the places are this kernel's alone.
        unsafe {
            let (written, read) = self.places.get::<V>(i, count);
            self.places.put(self.formula.at(written, read), i, count);
        }
    }
}

impl<F: Formula<W, R>, const W: usize, const R: usize> Kernel for Each<'_, F, W, R> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let rest = self.places.len % V::LANES;
        let whole = self.places.len - rest;
        let mut i = 0;
        while i < whole {
            // SAFETY: `LANES` places from `i` on are not beyond the end.
            unsafe { self.apply::<V>(i, V::LANES) }
            i += V::LANES;
        }
        if const { V::LANES > 1 } && rest > 0 {
            // The last few go through the same code, so that a value does not depend on where it stands.
            // SAFETY: so many are left.
            unsafe { self.apply::<V>(whole, rest) }
        }
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::kernel::dispatch::{Isa, forced};
    use crate::kernel::vector::SHIFT;
    use std::vec::Vec;

    /// Every operation of a vector, one after the other, on `a` and `b`.
    struct Operation(usize);
    const OPERATIONS: usize = 15;
    impl Formula<1, 2> for Operation {
        #[inline(always)]
        fn at<V: Vector>(&self, _: [V; 1], [a, b]: [V; 2]) -> [V; 1] {
            [match self.0 {
                0 => a + b,
                1 => a - b,
                2 => a * b,
                3 => a / b,
                4 => -a,
                5 => a.mul_add(b, V::splat(0.5)),
                6 => a.min(b),
                7 => a.max(b),
                8 => a.abs(),
                9 => a.sqrt(),
                10 => shifted(a, 126.0).exp2_shifted(),
                11 => a.where_nan(b, a),
                12 => a.abs().max(V::splat(f32::MIN_POSITIVE)).split().0,
                13 => b.scale(shifted(a, 252.0) - V::splat(SHIFT)),
                _ => a.abs().max(V::splat(f32::MIN_POSITIVE)).split().1,
            }]
        }
    }

    /// The whole number next to `a`, between −`most` and `most`, and [`SHIFT`].
    #[inline(always)]
    fn shifted<V: Vector>(a: V, most: f32) -> V {
        V::splat(most).min(V::splat(-most).max(a)) + V::splat(SHIFT)
    }

    const AWKWARD: [f32; 13] = [
        0.0,
        -0.0,
        1.0,
        -1.5,
        2.5,
        0.3,
        -7.75,
        1e-39,
        3e9,
        -126.4,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
    ];

    fn same(a: f32, b: f32) -> bool {
        a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-6 * b.abs()
    }

    #[test]
    fn every_operation_is_that_of_f32() {
        let a: Vec<f32> = AWKWARD.iter().flat_map(|&a| [a; AWKWARD.len()]).collect();
        let b: Vec<f32> = AWKWARD.iter().cycle().take(a.len()).copied().collect();
        forced::on_each(|| {
            for operation in 0..OPERATIONS {
                let mut y = std::vec![0.0; a.len()];
                each([&mut y], [&a, &b], &Operation(operation));
                for ((&a, &b), &y) in a.iter().zip(&b).zip(&y) {
                    // `round` promises nothing beyond 2²².
                    let rounds = [10, 11, 14].contains(&operation);
                    let a = if rounds && a.abs() > 4e6 { continue } else { a };
                    let [expected] = Operation(operation).at::<f32>([0.0], [a, b]);
                    assert!(same(y, expected), "{operation} of {a} and {b}: {y}, not {expected}");
                }
            }
        });
    }

    /// Sums and differences at once: two slices written, two read.
    struct Twiddle;
    impl Formula<2, 2> for Twiddle {
        #[inline(always)]
        fn at<V: Vector>(&self, [x, y]: [V; 2], [a, b]: [V; 2]) -> [V; 2] {
            [a.where_greater(b, x + a, x - b), y * a - b]
        }
    }

    #[test]
    fn every_length_and_start() {
        let numbers = |seed: usize| -> Vec<f32> {
            (0..80).map(|i| ((i * 37 + seed * 11) % 64) as f32 / 8.0 - 4.0).collect()
        };
        let (a, b) = (numbers(1), numbers(2));
        forced::on_each(|| {
            for len in [0, 1, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65] {
                for start in 0..4 {
                    let (mut x, mut y) = (numbers(3), numbers(4));
                    let (mut ex, mut ey) = (x.clone(), y.clone());
                    let at = start..start + len;
                    let read = [&a[at.clone()], &b[start + 3..start + 3 + len]];
                    each([&mut x[at.clone()], &mut y[at.clone()]], read, &Twiddle);
                    forced::on(Isa::Scalar, || {
                        each([&mut ex[at.clone()], &mut ey[at.clone()]], read, &Twiddle)
                    });
                    // Eighths of small numbers: every operation is exact, fused or not.
                    assert_eq!((x, y), (ex, ey), "length {len} from {start}");
                }
            }
        });
    }

    /// Something with a fused and an unfused part, whose last bit would show which code was used.
    struct Bits;
    impl Formula<1, 1> for Bits {
        #[inline(always)]
        fn at<V: Vector>(&self, [y]: [V; 1], [x]: [V; 1]) -> [V; 1] {
            [x.mul_add(x, y) / V::splat(3.0) + x * y]
        }
    }

    #[test]
    fn a_cut_does_not_change_a_bit() {
        let x: Vec<f32> = (0..101).map(|i| 1.0 / (i as f32 + 0.7)).collect();
        forced::on_each(|| {
            let mut whole = x.clone();
            each([&mut whole], [&x], &Bits);
            for cut in [1, 5, 8, 16, 50, 99] {
                let mut parts = x.clone();
                let (left, right) = parts.split_at_mut(cut);
                each([left], [&x[..cut]], &Bits);
                each([right], [&x[cut..]], &Bits);
                assert_eq!(parts, whole);
            }
        });
    }
}
