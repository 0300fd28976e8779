//! Products of matrices and vectors.

use criterion::Criterion;
use firmnet_runtime::bits::Lines;
use firmnet_runtime::kernel::{
    Matrix, axpy, dot, gemm as product, gemm_packed, gemv, ger, pack_panels, packed_len,
};

use crate::{numbers, peak, time, wide};

/// `c = a · bᵀ` as a batch goes through `Linear`, whose weights are packed in each call, and with weights packed before; and `a · b`. Each is
/// printed as a share of what the core can do at most, both at their best.
pub fn gemm(c: &mut Criterion) {
    let mut group = c.benchmark_group("gemm");
    let (x, y) = (numbers(peak::NUMBERS, 1), vec![0.0; peak::NUMBERS]);
    let chains = |y: &mut [f64]| {
        for (x, y) in wide(&x).into_iter().zip(y) {
            let chain = |i| (0..peak::LINKS).fold(i as f64, |chain, _| chain * x + x);
            *y = (0..peak::CHAINS).map(chain).sum();
        }
    };
    let most = time(&mut group, "peak", peak::WORK, &y, chains, |y| peak::run(&x, y));
    let share = |name: &str, reached: f64| {
        if most > 0.0 && reached > 0.0 {
            println!("gemm/{name}: {:.0} % of the peak", 100.0 * reached / most);
        }
    };
    for [m, k, n] in [
        [64, 64, 64],
        [128, 128, 128],
        [256, 256, 256],
        [512, 512, 512],
        // A batch through the layers of a small network, and the queries and keys of a head.
        [64, 784, 128],
        [64, 16, 32],
        [128, 32, 128],
        // The layers of a transformer.
        [64, 64, 192],
        [64, 64, 256],
        [64, 256, 64],
        // fc1 of 64 images; conv2 of one as the product it would be, and its gradients; fc2.
        [64, 9216, 128],
        [64, 288, 576],
        [576, 288, 64],
        [288, 576, 64],
        [576, 64, 288],
        [64, 128, 10],
    ] {
        let (a, b) = (numbers(m * k, 1), numbers(n * k, 2));
        // With number (p, j) of `b` at `p · down + j · across`.
        let plain = |[down, across]: [usize; 2]| {
            let (a, b) = (wide(&a), wide(&b));
            move |c: &mut [f64]| {
                for (a, c) in a.chunks(k).zip(c.chunks_mut(n)) {
                    for (j, c) in c.iter_mut().enumerate() {
                        let products = a.iter().enumerate();
                        *c = products.map(|(p, a)| a * b[p * down + j * across]).sum();
                    }
                }
            }
        };
        let (left, work, zeros) = (Matrix::new(&a, m, k), 2 * m * k * n, vec![0.0; m * n]);
        let (transposed, right) = (Matrix::new(&b, n, k).t(), Matrix::new(&b, k, n));
        for (form, right, strides) in [("", transposed, [1, k]), (" a·b", right, [n, 1])] {
            let name = format!("{m}x{k}x{n}{form}");
            let run = |c: &mut [f32]| product(left, right, 0.0, c, n);
            share(&name, time(&mut group, &name, work, &zeros, plain(strides), run));
        }
        let mut panels = Lines::zeros(packed_len(k, n));
        pack_panels(transposed, &mut panels);
        let name = format!("{m}x{k}x{n} packed");
        let run = |c: &mut [f32]| gemm_packed(left, &panels, [k, n], &[], c);
        share(&name, time(&mut group, &name, work, &zeros, plain([1, k]), run));
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
