//! Products of matrices and vectors.

use criterion::Criterion;
use firmnet_runtime::kernel::{Matrix, axpy, dot, gemm as product, gemv, ger};

use crate::{numbers, time, wide};

/// `c = a · bᵀ` as a batch goes through `Linear`, and the shapes of the MNIST network.
pub fn gemm(c: &mut Criterion) {
    let mut group = c.benchmark_group("gemm");
    for [m, k, n] in [
        [64, 64, 64],
        [128, 128, 128],
        [256, 256, 256],
        [512, 512, 512],
        // A batch through the layers of a small network, and the queries and keys of a head.
        [64, 784, 128],
        [64, 16, 32],
        [128, 32, 128],
        // fc1 of 64 images; conv2 of one as the product it would be; fc2.
        [64, 9216, 128],
        [64, 288, 576],
        [64, 128, 10],
    ] {
        let (a, b) = (numbers(m * k, 1), numbers(n * k, 2));
        let plain = |c: &mut [f64]| {
            let (a, b) = (wide(&a), wide(&b));
            for (a, c) in a.chunks(k).zip(c.chunks_mut(n)) {
                for (b, c) in b.chunks(k).zip(c) {
                    *c = a.iter().zip(b).map(|(a, b)| a * b).sum();
                }
            }
        };
        time(&mut group, &format!("{m}x{k}x{n}"), 2 * m * k * n, &vec![0.0; m * n], plain, |c| {
            product(Matrix::new(&a, m, k), Matrix::new(&b, n, k).t(), 0.0, c, n);
        });
    }
}

/// `gemv` both ways, `ger`, `dot` and `axpy`.
pub fn vectors(c: &mut Criterion) {
    let mut group = c.benchmark_group("gemv");
    for [m, n] in [[32, 16], [32, 32], [128, 784], [128, 9216]] {
        let (a, x, v) = (numbers(m * n, 1), numbers(n, 2), numbers(m, 3));
        let (matrix, work) = (Matrix::new(&a, m, n), 2 * m * n);
        let rows = |y: &mut [f64]| {
            for (y, a) in y.iter_mut().zip(wide(&a).chunks(n)) {
                *y += a.iter().zip(wide(&x)).map(|(a, x)| a * x).sum::<f64>();
            }
        };
        time(&mut group, &format!("{m}x{n}"), work, &v, rows, |y| gemv(matrix, &x, y));
        let columns = |x: &mut [f64]| {
            for (v, a) in wide(&v).iter().zip(wide(&a).chunks(n)) {
                x.iter_mut().zip(a).for_each(|(x, a)| *x += v * a);
            }
        };
        time(&mut group, &format!("{m}x{n} transposed"), work, &x, columns, |x| {
            gemv(matrix.t(), &v, x);
        });
        let outer = |a: &mut [f64]| {
            for (v, a) in wide(&v).iter().zip(a.chunks_mut(n)) {
                a.iter_mut().zip(wide(&x)).for_each(|(a, x)| *a += v * x);
            }
        };
        time(&mut group, &format!("ger {m}x{n}"), work, &a, outer, |a| ger(&v, &x, a));
    }
    group.finish();

    let mut group = c.benchmark_group("blas");
    for len in [1 << 10, 1 << 16] {
        let (x, y) = (numbers(len, 1), numbers(len, 2));
        let inner = |sum: &mut [f64]| {
            sum[0] = wide(&x).iter().zip(wide(&y)).map(|(x, y)| x * y).sum();
        };
        time(&mut group, &format!("dot {len}"), 2 * len, &[0.0], inner, |sum| sum[0] = dot(&x, &y));
        let multiple = |y: &mut [f64]| y.iter_mut().zip(wide(&x)).for_each(|(y, x)| *y += 0.5 * x);
        time(&mut group, &format!("axpy {len}"), 2 * len, &y, multiple, |y| axpy(0.5, &x, y));
    }
}
