//! Every large kernel on a thread of 128 KiB, as a firmware's or a worker's may be. This says most in a build without optimisation:
//! `cargo test -p firmnet-runtime --lib stack --config 'profile.dev.package.firmnet-runtime.opt-level=0'`.

use super::dispatch::forced;
use super::testing::whole_numbers;
use super::*;
use std::assert_eq;
use std::vec;

#[test]
fn kernels_take_little_stack() {
    forced::on_each(|| {
        let isa = Isa::current();
        let work = move || forced::on(isa, run_all);
        let thread = std::thread::Builder::new().stack_size(128 << 10).spawn(work);
        thread.unwrap().join().unwrap();
    });
}

fn run_all() {
    // With rows enough for panels, and with few; every height and width of a tile.
    for m in [31, 7] {
        let (k, n) = (20, 63);
        let (a, b, mut c) = (whole_numbers(m * k, 1), whole_numbers(n * k, 2), vec![0.0; m * n]);
        gemm(Matrix::new(&a, m, k), Matrix::new(&b, n, k).t(), 0.0, &mut c, n);
        let last: f32 = a[(m - 1) * k..].iter().zip(&b[(n - 1) * k..]).map(|(a, b)| a * b).sum();
        assert_eq!(c[m * n - 1], last);
        let matrix = Matrix::new(&b, n, k);
        gemv(matrix, &a[..k], &mut c[..n]);
        gemv(matrix.t(), &c[..n], &mut vec![0.0; k]);
    }
    let shape = Conv2d::of([3, 11, 12], 15, [3, 3]);
    let (mut x, mut weight) =
        (whole_numbers(shape.x_len(), 3), whole_numbers(shape.weight_len(), 4));
    let (mut bias, mut y) = (whole_numbers(shape.out_channels, 5), vec![0.0; shape.y_len()]);
    conv2d(&shape, 1, &x, &weight, &bias, &mut y);
    conv2d_backward_input(&shape, 1, &y, &weight, Writing::Adds, &mut x);
    conv2d_backward_weight(&shape, 1, &x, &y, &mut weight, &mut bias);
}
