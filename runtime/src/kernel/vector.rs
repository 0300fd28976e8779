//! The vector that every loop is written over, and its definition: one lane, plain `f32`.

use core::ops::{Add, Div, Mul, Neg, Sub};

use super::Isa;

/// Lanes of the widest vector there is.
pub(super) const MAX_LANES: usize = 16;

/// 1.5 · 2²³: a number below 2²² that it is added to is rounded to a whole one, which is then in the lowest bits of the sum.
pub(super) const SHIFT: f32 = 12_582_912.0;

/// The bits of 1.
pub(super) const ONE: u32 = 1_f32.to_bits();

/// `LANES` numbers on which a processor works at once.
///
/// An elementwise [`Formula`](super::Formula) is written once over this trait and instantiated for each
/// instruction set. `f32` is the vector of one lane, and the definition of what the others compute.
pub trait Vector:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The instruction set that it belongs to.
    const ISA: Isa;
    /// Numbers in one vector.
    const LANES: usize;
    /// Vectors that the processor holds in registers.
    const REGISTERS: usize;

    /// `value` in every lane.
    fn splat(value: f32) -> Self;
    /// The `LANES` numbers at `from`.
    ///
    /// # Safety
    /// `from` is valid for reading that many numbers; it need not be aligned to the vector.
    unsafe fn read(from: *const f32) -> Self;
    /// Writes the lanes to the `LANES` places at `to`.
    ///
    /// # Safety
    /// `to` is valid for writing that many numbers; it need not be aligned to the vector.
    unsafe fn write(self, to: *mut f32);
    /// The first `LANES` numbers of `from`.
    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        let from = &from[..Self::LANES];
        // SAFETY: a slice of `LANES` numbers is readable.
        unsafe { Self::read(from.as_ptr()) }
    }
    /// Writes the lanes to the first `LANES` places of `to`.
    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        let to = &mut to[..Self::LANES];
        // SAFETY: a mutable slice of `LANES` numbers is writable.
        unsafe { self.write(to.as_mut_ptr()) }
    }
    /// The at most `LANES` numbers of `from`; zero in the lanes that are left.
    #[inline(always)]
    fn load_part(from: &[f32]) -> Self {
        let mut padded = [0.0; MAX_LANES];
        padded[..from.len()].copy_from_slice(from);
        Self::load(&padded)
    }
    /// Writes as many lanes as `to` has places, at most `LANES`.
    #[inline(always)]
    fn store_part(self, to: &mut [f32]) {
        let mut padded = [0.0; MAX_LANES];
        self.store(&mut padded);
        to.copy_from_slice(&padded[..to.len()]);
    }
    /// [`load`](Vector::load), or [`load_part`](Vector::load_part) where there are fewer numbers.
    #[inline(always)]
    fn load_up_to(from: &[f32]) -> Self {
        if from.len() == Self::LANES { Self::load(from) } else { Self::load_part(from) }
    }
    /// [`store`](Vector::store), or [`store_part`](Vector::store_part) where there are fewer places.
    #[inline(always)]
    fn store_up_to(self, to: &mut [f32]) {
        if to.len() == Self::LANES { self.store(to) } else { self.store_part(to) }
    }
    /// The `len` numbers at `from` in the lanes from `lane` on.
    ///
    /// # Safety
    /// They are valid for reading, and `lane + len` is at most `LANES`.
    #[inline(always)]
    unsafe fn read_lanes(from: *const f32, lane: usize, len: usize) -> Self {
        let mut padded = [0.0; MAX_LANES];
        // SAFETY: the caller's promise.
        padded[lane..lane + len].copy_from_slice(unsafe { core::slice::from_raw_parts(from, len) });
        Self::load(&padded)
    }
    /// Writes `len` lanes from `lane` on to `to`.
    ///
    /// # Safety
    /// `to` is valid for writing them, and `lane + len` is at most `LANES`.
    #[inline(always)]
    unsafe fn write_lanes(self, to: *mut f32, lane: usize, len: usize) {
        let mut padded = [0.0; MAX_LANES];
        self.store(&mut padded);
        // SAFETY: the caller's promise.
        unsafe { core::slice::from_raw_parts_mut(to, len) }
            .copy_from_slice(&padded[lane..lane + len]);
    }
    /// Transposes a square of `LANES` rows and columns: `to[j · ldt + i] = from[i · ldf + j]`.
    ///
    /// # Safety
    /// The rows of `from` are valid for reading and those of `to` for writing, and they do not overlap.
    #[inline(always)]
    unsafe fn transpose(from: *const f32, ldf: usize, to: *mut f32, ldt: usize) {
        for i in 0..Self::LANES {
            for j in 0..Self::LANES {
                // SAFETY: the caller's promise.
                unsafe { *to.add(j * ldt + i) = *from.add(i * ldf + j) };
            }
        }
    }
    /// `self · factor + term`, fused where the processor can.
    fn mul_add(self, factor: Self, term: Self) -> Self;
    /// The smaller, lane by lane; `other` where `self` is not a number.
    fn min(self, other: Self) -> Self;
    /// The larger, lane by lane; `other` where `self` is not a number.
    fn max(self, other: Self) -> Self;
    /// The absolute value.
    fn abs(self) -> Self;
    /// `self`, which is not below 0, with the sign of `of`.
    fn with_sign_of(self, of: Self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// `2ⁿ` for `self = n + SHIFT`, with a whole `n` in −126 ..= 127.
    fn exp2_shifted(self) -> Self;
    /// `self · 2ⁿ` for a whole `n` in −252 ..= 254, also where that is denormal or infinite.
    #[inline(always)]
    fn scale(self, n: Self) -> Self {
        // Two steps: 2ⁿ alone overflows for n = 128 and is no normal number below n = −126.
        let shift = Self::splat(SHIFT);
        let shifted = n.mul_add(Self::splat(0.5), shift);
        let rest = n - (shifted - shift);
        self * shifted.exp2_shifted() * (rest + shift).exp2_shifted()
    }
    /// Mantissa in [1, 2) and exponent of a positive, normal `self`: `self = m · 2ᵉ`.
    fn split(self) -> (Self, Self);
    /// Lane by lane `low` where `self` is below it, `high` where it is above it; what is not a number stays so.
    #[inline(always)]
    fn within(self, low: f32, high: f32) -> Self {
        // The constants first.
        Self::splat(high).min(Self::splat(low).max(self))
    }
    /// Lane by lane `yes` where `self > than`, else `no` (also where either is not a number).
    fn where_greater(self, than: Self, yes: Self, no: Self) -> Self;
    /// Lane by lane `yes` where `self` is not a number, else `no`.
    fn where_nan(self, yes: Self, no: Self) -> Self;
    /// Of the lanes of `self` and then `next`, those at even and those at odd places.
    #[inline(always)]
    fn unzip(self, next: Self) -> (Self, Self) {
        let mut both = [0.0; 2 * MAX_LANES];
        self.store(&mut both);
        next.store(&mut both[Self::LANES..]);
        let (mut even, mut odd) = ([0.0; MAX_LANES], [0.0; MAX_LANES]);
        for (i, pair) in both.chunks_exact(2).enumerate() {
            (even[i], odd[i]) = (pair[0], pair[1]);
        }
        (Self::load(&even), Self::load(&odd))
    }
    /// The lanes of `self` and `next` in turn: what [`unzip`](Vector::unzip) takes apart.
    #[inline(always)]
    fn zip(self, next: Self) -> (Self, Self) {
        let (mut even, mut odd, mut both) =
            ([0.0; MAX_LANES], [0.0; MAX_LANES], [0.0; 2 * MAX_LANES]);
        self.store(&mut even);
        next.store(&mut odd);
        for (pair, (even, odd)) in both.chunks_exact_mut(2).zip(even.iter().zip(&odd)) {
            (pair[0], pair[1]) = (*even, *odd);
        }
        (Self::load(&both), Self::load(&both[Self::LANES..]))
    }
    /// The lanes from `by` on, at most `LANES`, and behind the last the first.
    #[inline(always)]
    fn rotate(self, by: usize) -> Self {
        let mut twice = [0.0; 2 * MAX_LANES];
        self.store(&mut twice);
        self.store(&mut twice[Self::LANES..]);
        Self::load(&twice[by..])
    }
    /// Of at most `2 · LANES` numbers, those at even and those at odd places; zero in the lanes that are left.
    #[inline(always)]
    fn load_pairs(from: &[f32]) -> (Self, Self) {
        if from.len() == 2 * Self::LANES {
            return Self::load(from).unzip(Self::load(&from[Self::LANES..]));
        }
        let (first, next) = from.split_at(from.len().min(Self::LANES));
        Self::load_part(first).unzip(Self::load_part(next))
    }
    /// The sum of all lanes: the upper half is added to the lower, lane by lane, and so on with what is left.
    fn sum(self) -> f32;
    /// The [`sum`](Vector::sum) of vector `i` in lane `i`, of the first `LANES` vectors.
    #[inline(always)]
    fn sums(of: &[Self; MAX_LANES]) -> Self {
        let mut sums = [0.0; MAX_LANES];
        for (sum, of) in sums.iter_mut().zip(of).take(Self::LANES) {
            *sum = of.sum();
        }
        Self::load(&sums)
    }
    /// The [`sum`](Vector::sum) of each.
    #[inline(always)]
    fn sum_each(of: [Self; 8]) -> [f32; 8] {
        of.map(Self::sum)
    }
}

impl Vector for f32 {
    const ISA: Isa = Isa::Scalar;
    const LANES: usize = 1;
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn splat(value: f32) -> f32 {
        value
    }
    #[inline(always)]
    unsafe fn read(from: *const f32) -> f32 {
        // SAFETY: the caller's promise.
        unsafe { *from }
    }
    #[inline(always)]
    unsafe fn write(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { *to = self }
    }
    #[inline(always)]
    fn mul_add(self, factor: f32, term: f32) -> f32 {
        self * factor + term
    }
    #[inline(always)]
    fn min(self, other: f32) -> f32 {
        if self < other { self } else { other }
    }
    #[inline(always)]
    fn max(self, other: f32) -> f32 {
        if self > other { self } else { other }
    }
    #[inline(always)]
    fn abs(self) -> f32 {
        f32::abs(self)
    }
    #[inline(always)]
    fn with_sign_of(self, of: f32) -> f32 {
        self.copysign(of)
    }
    #[inline(always)]
    fn sqrt(self) -> f32 {
        super::sqrt(self)
    }
    #[inline(always)]
    fn exp2_shifted(self) -> f32 {
        f32::from_bits((self.to_bits() << 23).wrapping_add(ONE))
    }
    #[inline(always)]
    fn split(self) -> (f32, f32) {
        let bits = self.to_bits();
        let exponent = (bits >> 23) as i32 - 127;
        (f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000), exponent as f32)
    }
    #[inline(always)]
    fn where_greater(self, than: f32, yes: f32, no: f32) -> f32 {
        if self > than { yes } else { no }
    }
    #[inline(always)]
    fn where_nan(self, yes: f32, no: f32) -> f32 {
        if self.is_nan() { yes } else { no }
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        self
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::kernel::dispatch::{Kernel, dispatch, forced};

    /// Every second of many numbers, and all of them again.
    struct Unzip;
    impl Kernel for Unzip {
        type Output = ();
        #[inline(always)]
        fn run<V: Vector>(self) {
            let x: [f32; 2 * MAX_LANES] = core::array::from_fn(|i| i as f32);
            let (even, odd) = V::load(&x).unzip(V::load(&x[V::LANES..]));
            let (mut evens, mut odds) = ([0.0; MAX_LANES], [0.0; MAX_LANES]);
            even.store(&mut evens);
            odd.store(&mut odds);
            for i in 0..V::LANES {
                assert_eq!([evens[i], odds[i]], [x[2 * i], x[2 * i + 1]]);
            }
            let (first, next) = even.zip(odd);
            first.store(&mut evens);
            next.store(&mut odds);
            assert_eq!([&evens[..V::LANES], &odds[..V::LANES]].concat(), x[..2 * V::LANES]);
        }
    }

    /// Lanes that change places.
    struct Rotate;
    impl Kernel for Rotate {
        type Output = ();
        #[inline(always)]
        fn run<V: Vector>(self) {
            let x: [f32; MAX_LANES] = core::array::from_fn(|i| i as f32);
            for by in 0..=V::LANES {
                let mut rotated = [0.0; MAX_LANES];
                V::load(&x).rotate(by).store(&mut rotated);
                for (i, rotated) in rotated.iter().enumerate().take(V::LANES) {
                    assert_eq!(*rotated, x[(i + by) % V::LANES]);
                }
            }
        }
    }

    #[test]
    fn lanes_in_a_circle() {
        forced::on_each(|| dispatch(Rotate));
    }

    #[test]
    fn every_second() {
        forced::on_each(|| dispatch(Unzip));
    }
}
