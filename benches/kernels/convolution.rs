//! Convolutions, forward and both gradients.

use criterion::Criterion;
use firmnet_runtime::kernel::{
    Conv2d, Writing, conv2d, conv2d_backward_input, conv2d_backward_weight,
};

use crate::{numbers, time, wide};

/// Three passes over layers of networks that people train.
pub fn convolutions(c: &mut Criterion) {
    let mut group = c.benchmark_group("conv2d");
    group.sample_size(20);
    for (name, n, shape) in [
        ("mnist conv1", 8, shape([1, 28, 28], 32, 3, 0, 1)),
        ("mnist conv2", 8, shape([32, 26, 26], 64, 3, 0, 1)),
        ("resnet 16", 8, shape([16, 32, 32], 16, 3, 1, 1)),
        ("pointwise 64", 8, shape([64, 25, 5], 64, 1, 0, 1)),
        ("depthwise 64", 8, shape([64, 25, 5], 64, 3, 1, 64)),
        ("depthwise 32", 8, shape([32, 56, 56], 32, 3, 1, 32)),
    ] {
        let work = 2 * n * shape.y_len() * (shape.weight_len() / shape.out_channels);
        let (x, w) = (numbers(n * shape.x_len(), 1), numbers(shape.weight_len(), 2));
        let (dy, bias) = (numbers(n * shape.y_len(), 3), numbers(shape.out_channels, 4));

        let forward = |y: &mut [f64]| {
            let plane = shape.out_height * shape.out_width;
            let biases = wide(&bias);
            y.chunks_mut(plane).enumerate().for_each(|(o, y)| y.fill(biases[o % biases.len()]));
            each_tap(&shape, n, |y_at, w_at, x_at| {
                y[y_at] += f64::from(w[w_at]) * f64::from(x[x_at]);
            });
        };
        time(&mut group, &format!("{name} forward"), work, &dy, forward, |y| {
            conv2d(&shape, n, &x, &w, &bias, y);
        });
        let backward_input = |dx: &mut [f64]| {
            each_tap(&shape, n, |y_at, w_at, x_at| {
                dx[x_at] += f64::from(w[w_at]) * f64::from(dy[y_at]);
            });
        };
        time(&mut group, &format!("{name} backward input"), work, &x, backward_input, |dx| {
            conv2d_backward_input(&shape, n, &dy, &w, Writing::First, dx);
        });
        let backward_weight = |dw: &mut [f64]| {
            each_tap(&shape, n, |y_at, w_at, x_at| {
                dw[w_at] += f64::from(dy[y_at]) * f64::from(x[x_at]);
            });
        };
        time(&mut group, &format!("{name} backward weight"), work, &w, backward_weight, |dw| {
            conv2d_backward_weight(&shape, n, &x, &dy, dw, &mut []);
        });
    }
}

/// A square kernel with stride 1.
fn shape(
    x: [usize; 3],
    out_channels: usize,
    kernel: usize,
    padding: usize,
    groups: usize,
) -> Conv2d {
    Conv2d::of(x, out_channels, [kernel; 2]).windows([1; 2], [padding; 2], [1; 2]).groups(groups)
}

/// `work(output, weight, input)` for every product that a convolution adds up.
fn each_tap(s: &Conv2d, n: usize, mut work: impl FnMut(usize, usize, usize)) {
    let (ins, outs) = (s.in_channels / s.groups, s.out_channels / s.groups);
    for (sample, o) in (0..n).flat_map(|sample| (0..s.out_channels).map(move |o| (sample, o))) {
        for (row, col) in (0..s.out_height).flat_map(|r| (0..s.out_width).map(move |c| (r, c))) {
            let output = ((sample * s.out_channels + o) * s.out_height + row) * s.out_width + col;
            for tap in 0..ins * s.kernel[0] * s.kernel[1] {
                let (i, j) = (tap / s.kernel[1] % s.kernel[0], tap % s.kernel[1]);
                let channel = o / outs * ins + tap / (s.kernel[0] * s.kernel[1]);
                let (y, x) = (row + i, col + j);
                let within = |at: usize, size, padding| (padding..size + padding).contains(&at);
                if within(y, s.height, s.padding[0]) && within(x, s.width, s.padding[1]) {
                    let line = (sample * s.in_channels + channel) * s.height + y - s.padding[0];
                    let weight = o * ins * s.kernel[0] * s.kernel[1] + tap;
                    work(output, weight, line * s.width + x - s.padding[1]);
                }
            }
        }
    }
}
