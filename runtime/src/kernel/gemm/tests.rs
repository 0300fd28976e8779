use super::*;
use crate::kernel::dispatch::forced;
use crate::kernel::testing::{on_threads, whole_numbers};
use crate::kernel::{Formula, Vector};
use std::vec;
use std::vec::Vec;

/// A matrix of whole numbers at one of several strides, and the slice that it lies in.
fn matrix(data: &[f32], rows: usize, cols: usize, form: usize) -> Matrix<'_> {
    match form {
        0 => Matrix::new(data, rows, cols),
        1 => Matrix::new(data, cols, rows).t(),
        2 => Matrix::strided(&data[1..], rows, cols, cols + 3, 1),
        _ => Matrix::strided(data, rows, cols, 2, 2 * rows + 1),
    }
}

fn check([m, k, n]: [usize; 3], beta: f32) {
    for (form_a, form_b) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 3), (3, 2)] {
        let (a, b) =
            (whole_numbers(3 * m * k + 3 * m + 9, 1), whole_numbers(3 * k * n + 3 * k + 9, 2));
        let (a, b) = (matrix(&a, m, k, form_a), matrix(&b, k, n, form_b));
        let ldc = n + form_a;
        let before = whole_numbers(m * ldc, 3);
        let (mut c, mut expected) = (before.clone(), before.clone());
        gemm(a, b, beta, &mut c, ldc);
        scalar::gemm(a, b, beta, &mut expected, ldc);
        assert_eq!(c, expected, "{m}x{k}x{n}, forms {form_a} {form_b}, beta {beta}");
        for order in [Order::OneRow, Order::ManyRows] {
            c.copy_from_slice(&before);
            gemm_in(order)(a, b, beta, &mut c, ldc);
            let forms = [form_a, form_b];
            assert_eq!(c, expected, "{order:?}, {m}x{k}x{n}, forms {forms:?}, beta {beta}");
        }
    }
}

#[test]
fn awkward_sizes() {
    forced::on_each(|| {
        for m in [1, 2, 3, 4, 7, 8, 9, 13] {
            for n in [1, 2, 7, 8, 9, 15, 16, 17, 47, 49, 65] {
                for k in [0, 1, 2, 7, 8, 9, 33, 64] {
                    check([m, k, n], [0.0, 1.0, -0.5][(m + n + k) % 3]);
                }
            }
        }
    });
}

#[test]
fn more_than_a_panel_and_a_block() {
    forced::on_each(|| {
        check([4, 700, 100], 1.0);
        check([11, 300, 130], 0.0);
        check([1030, 9, 20], 1.0);
        check([270, 400, 40], 0.0);
        check([16, 1000, 64], 1.0);
        // Panels that the first tile copies, and those that no tile is tall enough for.
        for m in [4, 5, 6, 7, 8, 9, 10, 16] {
            check([m, 200, 64], 0.0);
        }
        check([1, 100, 500], 0.5);
        check([500, 70, 1], 1.0);
    });
}

#[test]
fn a_row_is_what_it_is_alone() {
    // Neither sums nor products of these are exact.
    let numbers = |len: usize, step: usize| -> Vec<f32> {
        (0..len).map(|i| ((i * step) % 1009) as f32 / 1009.0 - 0.4).collect()
    };
    let bits = |row: &[f32]| row.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    forced::on_each(|| {
        for [m, k, n] in
            [[2, 9, 3], [8, 40, 16], [9, 300, 17], [31, 64, 50], [33, 700, 5], [20, 129, 1]]
        {
            let (a, b) = (numbers(3 * m * k + 3 * m + 9, 7), numbers(3 * k * n + 3 * k + 9, 11));
            // Rows in one piece with columns in one piece, as through a linear layer, and with rows, as weights with values.
            for (form_b, beta) in [(0, 0.0), (1, 0.0), (2, 0.0), (0, 1.0), (1, 1.0)] {
                let (rows, b) = (matrix(&a, m, k, 0), matrix(&b, k, n, form_b));
                for order in [Order::OneRow, Order::ManyRows] {
                    let mut c = numbers(m * n, 13);
                    let before = c.clone();
                    gemm_in(order)(rows, b, beta, &mut c, n);
                    for count in [1, 2, 8.min(m)] {
                        for first in (0..m - count + 1).step_by(3) {
                            let rows = Matrix::new(&a[first * k..], count, k);
                            let mut alone = before[first * n..(first + count) * n].to_vec();
                            gemm_in(order)(rows, b, beta, &mut alone, n);
                            let together = &c[first * n..(first + count) * n];
                            assert_eq!(bits(&alone), bits(together), "{m}x{k}x{n} {order:?}");
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn nothing_to_do() {
    let mut c = [7.0; 4];
    gemm(Matrix::new(&[], 0, 3), Matrix::new(&[0.0; 6], 3, 2), 0.0, &mut c, 2);
    assert_eq!(c, [7.0; 4]);
    gemm(Matrix::new(&[], 2, 0), Matrix::new(&[], 0, 2), 0.0, &mut c, 2);
    assert_eq!(c, [0.0; 4]);
}

#[test]
fn threads_do_not_change_a_bit() {
    let numbers = |len: usize, step: usize| -> Vec<f32> {
        (0..len).map(|i| 1.0 / ((i * step) % 1009 + 1) as f32).collect()
    };
    // Large enough for threads, along rows and along columns.
    for [m, k, n] in [[1000, 200, 150], [150, 200, 1000]] {
        let (a, b) = (numbers(m * k, 7), numbers(k * n, 11));
        let run = |threads: usize| {
            let mut c = vec![0.0; m * n];
            let (a, b) = (Matrix::new(&a, m, k), Matrix::new(&b, n, k).t());
            on_threads(threads, || gemm(a, b, 0.0, &mut c, n));
            c
        };
        forced::on_each(|| {
            let one = run(1);
            assert!([2, 3].iter().all(|&threads| run(threads) == one));
        });
    }
}

/// Packed before, and with a bias, it is what it is without, and the bias added.
#[test]
fn packed_before_and_with_a_bias() {
    forced::on_each(|| {
        for m in [1, 2, 7, 8, 9, 21] {
            for n in [1, 5, 16, 17, 48, 64, 65, 112, 130, 208] {
                for k in [0, 1, 16, 33, 300] {
                    let (a, b) = (whole_numbers(m * k, 1), whole_numbers(k * n, 2));
                    let (a, b) = (Matrix::new(&a, m, k), Matrix::new(&b, n, k).t());
                    let bias = whole_numbers(n, 3);
                    let (mut c, mut expected) = (vec![9.0; m * n], vec![0.0; m * n]);
                    scalar::gemm(a, b, 0.0, &mut expected, n);
                    let mut panels = vec![9.0; packed_len(k, n)];
                    pack_panels(b, &mut panels);
                    gemm_packed(a, &panels, [k, n], &[], &mut c);
                    assert_eq!(c, expected, "packed, {m}x{k}x{n}");
                    add_bias(&bias, &mut expected);
                    gemm_packed(a, &panels, [k, n], &bias, &mut c);
                    assert_eq!(c, expected, "packed, {m}x{k}x{n}, with a bias");
                    if m == 1 {
                        c.fill(9.0);
                        row_packed(&a.data()[..k], &panels, &bias, &mut c[..n], &Half);
                        let half: Vec<f32> = expected.iter().map(|y| 0.5 * y).collect();
                        assert_eq!(c[..n], half, "packed, one row, {k}x{n}, with a bias");
                    }
                    for order in [Order::Free, Order::OneRow, Order::ManyRows] {
                        c.fill(9.0);
                        gemm_bias(order, a, b, &bias, &mut c);
                        assert_eq!(c, expected, "{order:?}, {m}x{k}x{n}, with a bias");
                    }
                }
            }
        }
    });
}

/// Half of each number.
struct Half;

impl Formula<1, 0> for Half {
    #[inline(always)]
    fn at<V: Vector>(&self, [x]: [V; 1], []: [V; 0]) -> [V; 1] {
        [x * V::splat(0.5)]
    }
}
