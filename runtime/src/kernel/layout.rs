//! Moving numbers: transposes, and copies of rows that lie apart (concatenation, slices).

use crate::check::check;

/// `y[j][i] = x[i][j]`, with `x: [rows][cols]`.
///
/// # Panics
/// When a slice's length is not `rows · cols`.
pub fn transpose(rows: usize, cols: usize, x: &[f32], y: &mut [f32]) {
    assert!(x.len() == rows * cols && y.len() == x.len(), "transpose: the lengths do not fit");
    for i in 0..rows {
        for j in 0..cols {
            y[j * rows + i] = x[i * cols + j];
        }
    }
}

/// `y[j][i] += x[i][j]`, with `x: [rows][cols]`.
///
/// # Panics
/// When a slice's length is not `rows · cols`.
pub fn transpose_add(rows: usize, cols: usize, x: &[f32], y: &mut [f32]) {
    assert!(x.len() == rows * cols && y.len() == x.len(), "transpose: the lengths do not fit");
    for i in 0..rows {
        for j in 0..cols {
            y[j * rows + i] += x[i * cols + j];
        }
    }
}

/// `y[i][..cols] = x[i][..cols]` for `rows` rows that start `ldx` and `ldy` apart.
///
/// # Panics
/// When a row lies outside its slice, or rows overlap.
pub fn copy_rows(rows: usize, cols: usize, x: &[f32], ldx: usize, y: &mut [f32], ldy: usize) {
    check(rows, cols, x.len(), ldx);
    check(rows, cols, y.len(), ldy);
    for i in 0..rows {
        for j in 0..cols {
            y[i * ldy + j] = x[i * ldx + j];
        }
    }
}

/// `y[i][..cols] += x[i][..cols]` for `rows` rows that start `ldx` and `ldy` apart.
///
/// # Panics
/// When a row lies outside its slice, or rows overlap.
pub fn add_rows(rows: usize, cols: usize, x: &[f32], ldx: usize, y: &mut [f32], ldy: usize) {
    check(rows, cols, x.len(), ldx);
    check(rows, cols, y.len(), ldy);
    for i in 0..rows {
        for j in 0..cols {
            y[i * ldy + j] += x[i * ldx + j];
        }
    }
}

/// `y[i][j] += bias[j]` in each row of `y: [rows][bias.len()]`.
///
/// # Panics
/// When `bias` does not divide `y`.
pub fn add_bias(bias: &[f32], y: &mut [f32]) {
    check!(
        y.is_empty() || !bias.is_empty() && y.len().is_multiple_of(bias.len()),
        "add_bias: the lengths do not fit"
    );
    for y in y.chunks_exact_mut(bias.len().max(1)) {
        for (y, b) in y.iter_mut().zip(bias) {
            *y += b;
        }
    }
}

/// `sum[j] += Σ over i: x[i][j]`, with `x: [rows][sum.len()]`: the gradient of a bias.
///
/// # Panics
/// When `sum` does not divide `x`.
pub fn sum_rows(x: &[f32], sum: &mut [f32]) {
    check!(
        x.is_empty() || !sum.is_empty() && x.len().is_multiple_of(sum.len()),
        "sum_rows: the lengths do not fit"
    );
    for x in x.chunks_exact(sum.len().max(1)) {
        for (sum, x) in sum.iter_mut().zip(x) {
            *sum += x;
        }
    }
}

fn check(rows: usize, cols: usize, len: usize, ld: usize) {
    let fits = rows == 0 || cols <= ld && (rows - 1) * ld + cols <= len;
    assert!(fits, "rows reach beyond their slice");
}
