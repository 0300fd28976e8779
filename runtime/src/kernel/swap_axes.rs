//! Exchanging two axes of a tensor.

use super::{add_rows, copy_rows, transpose, transpose_add};

/// `y[a][j][b][i][..c] = x[a][i][b][j][..c]`, with `x: [A, I, B, J, C]`, which is `sizes`.
///
/// # Panics
/// When a slice's length is not the product of the sizes.
pub fn swap_axes(sizes: [usize; 5], x: &[f32], y: &mut [f32]) {
    swap(sizes, x, y, transpose, copy_rows);
}

/// `y[a][j][b][i][..c] += x[a][i][b][j][..c]`, with `x: [A, I, B, J, C]`, which is `sizes`.
///
/// # Panics
/// When a slice's length is not the product of the sizes.
pub fn swap_axes_add(sizes: [usize; 5], x: &[f32], y: &mut [f32]) {
    swap(sizes, x, y, transpose_add, add_rows);
}

/// A matrix at a time where there is nothing between and behind the axes, else the rows of `x` along `J`.
fn swap(
    [a, i, b, j, c]: [usize; 5],
    x: &[f32],
    y: &mut [f32],
    matrix: impl Fn(usize, usize, &[f32], &mut [f32]),
    rows: impl Fn(usize, usize, &[f32], usize, &mut [f32], usize),
) {
    let size = i * b * j * c;
    assert!(x.len() == a * size && y.len() == x.len(), "swap_axes: the lengths do not fit");
    for (x, y) in x.chunks_exact(size.max(1)).zip(y.chunks_exact_mut(size.max(1))) {
        if b * c == 1 {
            matrix(i, j, x, y);
            continue;
        }
        for (row, x) in x.chunks_exact(j * c).enumerate() {
            let (i_at, b_at) = (row / b, row % b);
            rows(j, c, x, c, &mut y[(b_at * i + i_at) * c..], b * i * c);
        }
    }
}
