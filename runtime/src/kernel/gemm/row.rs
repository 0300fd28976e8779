//! One row times a packed matrix: each weight is read once, in the order in which it lies.

use super::pack::{packed_len, strip};
use crate::check::check;
use crate::kernel::dispatch::{Kernel, dispatch};
use crate::kernel::{Formula, Vector, tile};

/// `y ← f(x·b + bias)` for one row `x`, with `b: [x.len()][y.len()]` as [`pack_panels`](super::pack_panels) has packed it, and `f` number by number; an
/// empty `bias` is 0. Of arrays the compiler knows the sizes: where those are small, loops weigh more than the arithmetic.
///
/// # Panics
/// When the sizes do not fit.
#[inline]
pub fn row_packed<X, Y>(x: &X, panels: &[f32], bias: &[f32], y: &mut Y, f: &impl Formula<1, 0>)
where
    X: AsRef<[f32]> + ?Sized,
    Y: AsMut<[f32]> + ?Sized,
{
    let (inputs, outputs) = (x.as_ref().len(), y.as_mut().len());
    let fits = panels.len() >= packed_len(inputs, outputs);
    check!(fits && (bias.is_empty() || bias.len() == outputs), "gemv: the sizes do not fit");
    dispatch(Row { x, panels: panels.as_ptr(), bias, y, f });
}

/// The lengths are those that [`row_packed`] asks for.
struct Row<'a, F, X: ?Sized, Y: ?Sized> {
    x: &'a X,
    panels: *const f32,
    bias: &'a [f32],
    y: &'a mut Y,
    f: &'a F,
}

impl<F, X, Y> Kernel for Row<'_, F, X, Y>
where
    F: Formula<1, 0>,
    X: AsRef<[f32]> + ?Sized,
    Y: AsMut<[f32]> + ?Sized,
{
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Row { x, panels, bias, y, f } = self;
        let (x, y, mut j) = (x.as_ref(), y.as_mut(), 0);
        while j < y.len() {
            let mut len = strip::<V>(y.len() - j);
            let vectors = len.div_ceil(V::LANES);
            // Two whole panels at once: so each number of `x` is fetched for twice as many weights.
            let pair = len == tile::width::<V>() * V::LANES && y.len() - j >= 2 * len;
            if pair {
                len *= 2;
            }
            let weights = panels.wrapping_add(j * x.len());
            let bias = bias.get(j..j + len).unwrap_or_default();
            let places = Places { x, weights, bias, y: &mut y[j..j + len], f };
            match (vectors, pair) {
                (3, true) => places.run::<V, 2, 3, 2>(),
                (3, false) => places.run::<V, 1, 3, 4>(),
                (2, true) => places.run::<V, 2, 2, 2>(),
                (2, false) => places.run::<V, 1, 2, 4>(),
                _ => places.run::<V, 1, 1, 8>(),
            }
            j += len;
        }
    }
}

/// Some of the places of `y`, whose weights lie in one panel or two.
struct Places<'a, F> {
    x: &'a [f32],
    weights: *const f32,
    bias: &'a [f32],
    y: &'a mut [f32],
    f: &'a F,
}

impl<F: Formula<1, 0>> Places<'_, F> {
    /// With `P` panels that are `N` vectors wide, in `CHAINS` of sums that do not wait for one another.
    #[inline(always)]
    fn run<V: Vector, const P: usize, const N: usize, const CHAINS: usize>(self) {
        let Places { x, weights, bias, y, f } = self;
        let (mut chains, mut at) = ([[[V::splat(0.0); N]; P]; CHAINS], 0);
        if !bias.is_empty() {
            for (i, sum) in chains[0].as_flattened_mut().iter_mut().enumerate() {
                *sum = V::load_up_to(&bias[i * V::LANES..bias.len().min((i + 1) * V::LANES)]);
            }
        }
        let mut whole = x.chunks_exact(CHAINS);
        for numbers in &mut whole {
            for (number, sums) in numbers.iter().zip(&mut chains) {
                // SAFETY: a panel has a row of `N` vectors for each number of `x`.
                unsafe { add(sums, *number, weights.add(at), x.len()) };
                at += N * V::LANES;
            }
        }
        for (number, sums) in whole.remainder().iter().zip(&mut chains) {
            // SAFETY: the same.
            unsafe { add(sums, *number, weights.add(at), x.len()) };
            at += N * V::LANES;
        }
        let mut half = CHAINS / 2;
        while half > 0 {
            let (first, second) = chains.split_at_mut(half);
            for (sums, others) in first.iter_mut().zip(second) {
                for (sum, other) in sums.as_flattened_mut().iter_mut().zip(others.as_flattened()) {
                    *sum = *sum + *other;
                }
            }
            half /= 2;
        }
        // All sums before any function: else the compiler takes one sum after the other through its function, and each then waits for itself.
        let mut sums = if N * P > 1 { core::hint::black_box(chains[0]) } else { chains[0] };
        for sum in sums.as_flattened_mut() {
            [*sum] = f.at([*sum], []);
        }
        for (sum, y) in sums.as_flattened().iter().zip(y.chunks_mut(V::LANES)) {
            sum.store_up_to(y);
        }
    }
}

/// Adds `x` times the vectors at `row` and at the same place of the panel behind, which has `rows` rows.
///
/// # Safety
/// They are valid for reading.
#[inline(always)]
unsafe fn add<V: Vector, const P: usize, const N: usize>(
    sums: &mut [[V; N]; P],
    x: f32,
    row: *const f32,
    rows: usize,
) {
    let x = V::splat(x);
    for (p, sums) in sums.iter_mut().enumerate() {
        for (i, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            let weights = unsafe { V::read(row.add((p * rows * N + i) * V::LANES)) };
            *sum = weights.mul_add(x, *sum);
        }
    }
}
