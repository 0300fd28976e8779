//! What looks at planes of images: pools and the statistics of batch normalisation.

use criterion::Criterion;
use firmnet_runtime::kernel::{
    Channels, Divisor, Pool2d, avg_pool2d, avg_pool2d_backward, centred_sums, max_pool2d,
    max_pool2d_backward, moments, scale_shift,
};

use crate::{numbers, time, wide};

/// Windows of 2 × 2 over the planes of 8 images of the MNIST network.
pub fn pools(c: &mut Criterion) {
    let mut group = c.benchmark_group("pool2d");
    let (planes, size, out) = (8 * 64, 24, 12);
    let shape = Pool2d {
        height: size,
        width: size,
        out_height: out,
        out_width: out,
        kernel: [2; 2],
        stride: [2; 2],
        padding: [0; 2],
        dilation: [1; 2],
    };
    let (x, dy) = (numbers(planes * size * size, 1), numbers(planes * out * out, 2));
    // The four places of the input that output `i` looks at.
    let window = |i: usize| {
        let (plane, row, col) = (i / (out * out), i / out % out, i % out);
        let first = (plane * size + 2 * row) * size + 2 * col;
        [first, first + 1, first + size, first + size + 1]
    };
    let largest = |y: &mut [f64]| {
        for (i, y) in y.iter_mut().enumerate() {
            *y = window(i).map(|at| f64::from(x[at])).into_iter().fold(f64::MIN, f64::max);
        }
    };
    time(&mut group, "max", x.len(), &dy, largest, |y| max_pool2d(&shape, planes, &x, y));
    let to_largest = |dx: &mut [f64]| {
        for (i, dy) in wide(&dy).into_iter().enumerate() {
            let first = |best: usize, at: usize| if x[at] > x[best] { at } else { best };
            dx[window(i).into_iter().reduce(first).unwrap()] += dy;
        }
    };
    time(&mut group, "max backward", x.len(), &x, to_largest, |dx| {
        max_pool2d_backward(&shape, planes, &x, &dy, dx);
    });
    let mean = |y: &mut [f64]| {
        for (i, y) in y.iter_mut().enumerate() {
            *y = window(i).map(|at| f64::from(x[at])).iter().sum::<f64>() / 4.0;
        }
    };
    time(&mut group, "average", x.len(), &dy, mean, |y| {
        avg_pool2d(&shape, planes, Divisor::Padded, &x, y);
    });
    let to_all = |dx: &mut [f64]| {
        for (i, dy) in wide(&dy).into_iter().enumerate() {
            window(i).into_iter().for_each(|at| dx[at] += dy / 4.0);
        }
    };
    time(&mut group, "average backward", x.len(), &x, to_all, |dx| {
        avg_pool2d_backward(&shape, planes, Divisor::Padded, &dy, dx);
    });
}

/// The passes of a batch normalisation over 8 images of 16 channels, 32 × 32.
pub fn norms(c: &mut Criterion) {
    let mut group = c.benchmark_group("batch norm");
    let shape = Channels { n: 8, channels: 16, plane: 32 * 32 };
    let (len, per_channel) = (shape.n * shape.channels * shape.plane, shape.n * shape.plane);
    let (x, dy) = (numbers(len, 1), numbers(len, 2));
    let (a, b) = (numbers(shape.channels, 3), numbers(shape.channels, 4));
    let channel = |i: usize| i / shape.plane % shape.channels;

    // Means, and variances behind them.
    let statistics = |y: &mut [f64]| {
        y.fill(0.0);
        let (mean, var) = y.split_at_mut(shape.channels);
        let per_channel = per_channel as f64;
        wide(&x).iter().enumerate().for_each(|(i, x)| mean[channel(i)] += x / per_channel);
        for (i, x) in wide(&x).into_iter().enumerate() {
            var[channel(i)] += (x - mean[channel(i)]).powi(2) / per_channel;
        }
    };
    time(&mut group, "moments", len, &vec![0.0; 2 * shape.channels], statistics, |y| {
        let (mean, var) = y.split_at_mut(shape.channels);
        moments(shape, &x, mean, var);
    });
    let affine = |y: &mut [f64]| {
        for (i, (y, x)) in y.iter_mut().zip(wide(&x)).enumerate() {
            *y = f64::from(a[channel(i)]) * x + f64::from(b[channel(i)]);
        }
    };
    time(&mut group, "scale and shift", len, &dy, affine, |y| {
        scale_shift(shape, &a, &b, Some(&x), y);
    });
    let sums = |y: &mut [f64]| {
        let (sum, dot) = y.split_at_mut(shape.channels);
        for (i, (x, dy)) in wide(&x).into_iter().zip(wide(&dy)).enumerate() {
            sum[channel(i)] += dy;
            dot[channel(i)] += dy * (x - f64::from(a[channel(i)]));
        }
    };
    time(&mut group, "centred sums", 2 * len, &vec![0.0; 2 * shape.channels], sums, |y| {
        let (sum, dot) = y.split_at_mut(shape.channels);
        centred_sums(shape, &x, &a, &dy, sum, dot);
    });
}
