//! Rows of numbers times a transposed weight: how a gradient goes back through it.

use super::super::Vector;
use super::product::Pair;

/// `y[to + c] += Σ over p < rows: x[from + p] · w[p][c]` for each pair `(from, to)`, with `w: [rows][cols]`: the product with the
/// transposed weight. The sum over `p` runs upwards for every place.
#[inline(always)]
pub(super) fn add_transposed<V: Vector>(
    w: &[f32],
    rows: usize,
    cols: usize,
    x: &[f32],
    y: &mut [f32],
    pairs: &[Pair],
) {
    assert!(w.len() == rows * cols);
    for &(from, to) in pairs {
        assert!(from + rows <= x.len() && to + cols <= y.len());
    }
    let mut back = Back { w, rows, cols, x, y };
    let mut c = 0;
    while c < cols {
        // SAFETY: the columns are within the weight, and the pairs name whole rows, checked above.
        c += unsafe {
            match ((cols - c) / V::LANES, pairs.len()) {
                (8.., 1) if const { V::LANES > 1 } => back.columns::<V, 8>(c, pairs),
                (4.., _) => back.columns::<V, 4>(c, pairs),
                (2.., _) => back.columns::<V, 2>(c, pairs),
                (1, _) => back.columns::<V, 1>(c, pairs),
                _ => back.rest::<V>(c, pairs),
            }
        };
    }
}

struct Back<'a> {
    w: &'a [f32],
    rows: usize,
    cols: usize,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl Back<'_> {
    /// # Safety
    /// `N` vectors of columns from `c` are in the weight, and the pairs name whole rows.
    #[inline(always)]
    unsafe fn columns<V: Vector, const N: usize>(&mut self, c: usize, pairs: &[Pair]) -> usize {
        let mut left = pairs;
        while !left.is_empty() {
            // SAFETY: the caller's promise.
            unsafe {
                left = match left {
                    [a, b, c4, d, rest @ ..] if const { N <= 4 && V::REGISTERS >= 32 } => {
                        self.tile::<V, 4, N>(c, [a, b, c4, d]);
                        rest
                    }
                    [a, b, rest @ ..] if const { N <= 4 } => {
                        self.tile::<V, 2, N>(c, [a, b]);
                        rest
                    }
                    [a, rest @ ..] => {
                        self.tile::<V, 1, N>(c, [a]);
                        rest
                    }
                    [] => left,
                };
            }
        }
        N * V::LANES
    }

    /// # Safety
    /// As [`columns`](Back::columns).
    #[inline(always)]
    unsafe fn tile<V: Vector, const M: usize, const N: usize>(
        &mut self,
        c: usize,
        pairs: [&Pair; M],
    ) {
        let mut sums = [[V::splat(0.0); N]; M];
        // SAFETY: the caller's promise.
        unsafe {
            let mut x = [self.x.as_ptr(); M];
            for (x, (from, _)) in x.iter_mut().zip(&pairs) {
                *x = x.add(*from);
            }
            let w = self.w.as_ptr().add(c);
            for p in 0..self.rows {
                let row = w.add(p * self.cols);
                let mut w = [V::splat(0.0); N];
                for (n, w) in w.iter_mut().enumerate() {
                    *w = V::read(row.add(n * V::LANES));
                }
                for (sums, x) in sums.iter_mut().zip(&x) {
                    let x = V::splat(*x.add(p));
                    for (sum, w) in sums.iter_mut().zip(&w) {
                        *sum = x.mul_add(*w, *sum);
                    }
                }
            }
        }
        for (sums, (_, to)) in sums.iter().zip(&pairs) {
            let y = &mut self.y[to + c..][..N * V::LANES];
            for (sum, y) in sums.iter().zip(y.chunks_exact_mut(V::LANES)) {
                (V::load(y) + *sum).store(y);
            }
        }
    }

    /// The columns from `c` on, fewer than a vector.
    #[inline(always)]
    fn rest<V: Vector>(&mut self, c: usize, pairs: &[Pair]) -> usize {
        for &(from, to) in pairs {
            let mut sum = V::splat(0.0);
            for p in 0..self.rows {
                let w = V::load_part(&self.w[p * self.cols + c..(p + 1) * self.cols]);
                sum = V::splat(self.x[from + p]).mul_add(w, sum);
            }
            let y = &mut self.y[to + c..to + self.cols];
            (V::load_part(y) + sum).store_part(y);
        }
        self.cols - c
    }
}
