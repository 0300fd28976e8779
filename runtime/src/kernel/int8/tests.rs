//! Kernels against plain loops in `i64`, written from TensorFlow Lite's definitions.

use std::vec::Vec;

use super::pack::{self, pack_conv2d, pack_rows};
use super::*;
use crate::kernel::dispatch::forced;
use crate::kernel::{Conv2d, Pool2d};

/// Numbers as good as random.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }
    fn bytes(&mut self, len: usize) -> Vec<i8> {
        (0..len).map(|_| self.next() as i8).collect()
    }
    fn below(&mut self, n: u32) -> u32 {
        self.next() % n
    }
    /// A channel's bias and factor; with `wild`, of any size.
    fn channel(&mut self, wild: bool) -> (i32, Requantize) {
        let bias = self.next() as i32 >> if wild { 3 } else { 14 };
        let shift = if wild { self.below(36) as i32 - 33 } else { -(self.below(9) as i32) - 3 };
        let scale = (1.0 + f64::from(self.next()) / 2f64.powi(31)) * 2f64.powi(shift);
        (bias, Requantize::of(scale))
    }
}

/// `x · multiplier · 2^(shift − 31)`, rounded by the multiplier and by the shift, as TensorFlow Lite defines it.
fn requantized(x: i32, Requantize { multiplier, shift }: Requantize) -> i64 {
    let x = if shift > 0 { (x << shift) as i64 } else { x as i64 };
    let product = x * i64::from(multiplier);
    let nudge = if product >= 0 { 1 << 30 } else { 1 - (1 << 30) };
    let high = (product + nudge) / (1 << 31);
    let right = (-shift).max(0);
    let mask = (1i64 << right) - 1;
    let threshold = (mask >> 1) + i64::from(high < 0);
    (high >> right) + i64::from(high & mask > threshold)
}

fn finished(sum: i64, to: Requantize, bytes: &Bytes) -> i8 {
    let y = requantized(sum as i32, to) + i64::from(bytes.output_zero);
    y.clamp(bytes.min.into(), bytes.max.into()) as i8
}

#[test]
fn factors() {
    for (scale, multiplier, shift) in [
        (1.0, 1 << 30, 1),
        (0.5, 1 << 30, 0),
        (0.75, 3 << 29, 0),
        (1e-3, 1_099_511_628, -9),
        (0.0, 0, 0),
        (2f64.powi(-40), 0, 0),
        // Rounded up to the next power of 2.
        (0.999_999_999_999, 1 << 30, 1),
    ] {
        assert_eq!(Requantize::of(scale), Requantize { multiplier, shift }, "{scale}");
    }
}

#[test]
fn sums_become_bytes() {
    let mut random = Random(1);
    for round in 0..200_000 {
        let wild = round % 2 == 0;
        let (bias, to) = random.channel(wild);
        let bytes = Bytes::new(random.next() as i8, random.next() as i8);
        let bytes = if round % 3 == 0 { bytes.relu() } else { bytes };
        let channel = Channel::new([], bias, 0, to);
        // About the ties, too.
        let near = (f64::from(random.next() as i8) + 0.5) * 2f64.powi(31 - to.shift)
            / f64::from(to.multiplier.max(1));
        for sum in [random.next() as i32 >> random.below(32), near as i32 >> 1, near as i32] {
            let sum = sum.clamp(-(1 << 29), 1 << 29);
            if to.shift > 0 && sum.checked_mul(1 << to.shift).is_none() {
                continue;
            }
            let mut y = channel.finish([sum], &bytes);
            bytes.hold(&mut y);
            assert_eq!(y, [finished(sum.into(), to, &bytes)], "{sum} {to:?} {bytes:?}");
        }
    }
}

#[test]
fn dense_layers() {
    let mut random = Random(2);
    for inputs in [1, 2, 3, 4, 5, 16, 31, 64, 100] {
        for outputs in [1, 2, 3, 4, 5, 7, 8, 12] {
            let (x, weight) = (random.bytes(inputs), random.bytes(inputs * outputs));
            let bytes = Bytes::new(random.next() as i8, random.next() as i8);
            let weight_of = |row: usize, tap: usize| weight[row * inputs + tap];
            let mut packed = std::vec![Four::default(); pack::rows(outputs, inputs)];
            pack_rows(outputs, inputs, weight_of, &mut packed);
            let mut expected = Vec::new();
            let mut channels = Vec::new();
            for o in 0..outputs {
                let row = || (0..inputs).map(|i| weight_of(o, i));
                let (bias, to) = random.channel(false);
                channels.push(Channel::new(row(), bias, bytes.input_zero, to));
                let off = |x: i8| i64::from(x) - i64::from(bytes.input_zero);
                let sum: i64 = row().zip(&x).map(|(w, &x)| i64::from(w) * off(x)).sum();
                expected.push(finished(sum + i64::from(bias), to, &bytes));
            }
            let parameters = Packed { weight: &packed, channels: &channels };
            forced::on_each(|| {
                let mut scratch = std::vec![Four([99; 4]); dense_scratch(inputs) / 4];
                let mut y = std::vec![77; outputs];
                dense(&x, parameters, &bytes, as_bytes(&mut scratch), &mut y);
                assert_eq!(y, expected, "{inputs} to {outputs}");
            });
        }
    }
}

fn as_bytes(scratch: &mut [Four]) -> &mut [i8] {
    bytemuck::must_cast_slice_mut(scratch)
}

/// What there is for a plain loop of an image.
fn place(
    at: usize,
    size: usize,
    out: usize,
    tap: usize,
    stride: usize,
    dilation: usize,
) -> Option<usize> {
    (out * stride + tap * dilation).checked_sub(at).filter(|&at| at < size)
}

#[track_caller]
fn convolution(shape: Conv2d, random: &mut Random) {
    let Conv2d { in_channels, height, width, out_channels, out_height, out_width, .. } = shape;
    let Conv2d { kernel: [kh, kw], stride, padding, dilation, groups, .. } = shape;
    let (ins, outs) = (in_channels / groups, out_channels / groups);
    let taps = kh * kw * ins;
    let x = random.bytes(in_channels * height * width);
    let weight = random.bytes(out_channels * taps);
    let bytes = Bytes::new(random.next() as i8, random.next() as i8);
    let bytes = if random.below(2) == 0 { bytes.relu() } else { bytes };
    let weight_of = |row: usize, tap: usize| weight[row * taps + tap];
    let mut packed = std::vec![Four::default(); pack::conv2d(&shape)];
    pack_conv2d(&shape, weight_of, &mut packed);
    let factors: Vec<_> = (0..out_channels).map(|o| random.channel(o % 5 == 4)).collect();
    let channels: Vec<_> = factors
        .iter()
        .enumerate()
        .map(|(o, &(bias, to))| {
            Channel::new((0..taps).map(|tap| weight_of(o, tap)), bias, bytes.input_zero, to)
        })
        .collect();
    let mut expected = std::vec![];
    for row in 0..out_height {
        for col in 0..out_width {
            for (o, &(bias, to)) in factors.iter().enumerate() {
                let mut sum = i64::from(bias);
                for i in 0..kh {
                    for j in 0..kw {
                        let y = place(padding[0], height, row, i, stride[0], dilation[0]);
                        let x_at = place(padding[1], width, col, j, stride[1], dilation[1]);
                        let (Some(down), Some(right)) = (y, x_at) else { continue };
                        for c in 0..ins {
                            let at = (down * width + right) * in_channels + o / outs * ins + c;
                            let w = weight_of(o, (i * kw + j) * ins + c);
                            sum += i64::from(w) * (i64::from(x[at]) - i64::from(bytes.input_zero));
                        }
                    }
                }
                if to.shift > 0 && (sum << to.shift) as i32 as i64 != sum << to.shift {
                    // What TensorFlow Lite leaves open.
                    expected.push(None);
                    continue;
                }
                expected.push(Some(finished(sum, to, &bytes)));
            }
        }
    }
    let parameters = Packed { weight: &packed, channels: &channels };
    forced::on_each(|| {
        let mut scratch = std::vec![Four([99; 4]); conv2d_scratch(&shape).div_ceil(4)];
        let scratch = &mut as_bytes(&mut scratch)[..conv2d_scratch(&shape)];
        let mut y = std::vec![77; expected.len()];
        conv2d(&shape, &x, parameters, &bytes, scratch, &mut y);
        for (i, (y, expected)) in y.iter().zip(&expected).enumerate() {
            assert!(
                expected.is_none_or(|expected| expected == *y),
                "{i}: {y}, not {expected:?}: {shape:?}"
            );
        }
    });
}

/// The convolution with so many rows and columns of its input, and what it pads and leaves out of them.
fn shape(
    [in_channels, out_channels, groups]: [usize; 3],
    [height, width]: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
) -> Conv2d {
    let all = Conv2d::of([in_channels, height, width], out_channels, kernel);
    all.windows(stride, padding, dilation).groups(groups)
}

#[test]
fn convolutions() {
    let mut random = Random(3);
    for (ins, outs) in [(1, 8), (3, 5), (4, 4), (8, 6), (16, 3), (5, 9)] {
        for (size, kernel, stride, padding, dilation) in [
            ([5, 7], [3, 3], [1, 1], [1, 1], [1, 1]),
            ([8, 6], [3, 3], [2, 2], [0, 1], [1, 1]),
            ([4, 5], [1, 1], [1, 1], [0, 0], [1, 1]),
            ([6, 6], [1, 1], [2, 2], [0, 0], [1, 1]),
            ([9, 7], [4, 2], [2, 1], [2, 0], [1, 1]),
            ([9, 9], [3, 2], [1, 2], [2, 1], [2, 3]),
            ([3, 2], [3, 4], [1, 1], [2, 3], [1, 1]),
            ([1, 1], [1, 1], [1, 1], [0, 0], [1, 1]),
        ] {
            convolution(
                shape([ins, outs, 1], size, kernel, stride, padding, dilation),
                &mut random,
            );
        }
    }
    convolution(shape([6, 10, 2], [5, 5], [3, 3], [1, 1], [1, 1], [1, 1]), &mut random);
    convolution(shape([8, 8, 2], [4, 4], [1, 1], [1, 1], [0, 0], [1, 1]), &mut random);
}

#[test]
fn depthwise_convolutions() {
    let mut random = Random(4);
    for (ins, each) in [(4, 1), (8, 1), (3, 1), (7, 1), (2, 3), (4, 2), (64, 1)] {
        for (size, kernel, stride, padding, dilation) in [
            ([5, 7], [3, 3], [1, 1], [1, 1], [1, 1]),
            ([8, 6], [3, 3], [2, 2], [0, 0], [1, 1]),
            ([7, 9], [3, 3], [2, 2], [1, 1], [1, 1]),
            ([1, 1], [3, 3], [1, 1], [1, 1], [1, 1]),
            ([2, 3], [3, 3], [1, 1], [1, 1], [1, 1]),
            ([9, 1], [5, 1], [1, 1], [2, 0], [1, 1]),
            ([9, 7], [4, 2], [2, 1], [2, 0], [1, 1]),
            ([9, 9], [3, 3], [1, 2], [2, 2], [2, 2]),
            ([6, 6], [5, 5], [1, 1], [2, 2], [1, 1]),
        ] {
            convolution(
                shape([ins, ins * each, ins], size, kernel, stride, padding, dilation),
                &mut random,
            );
        }
    }
}

#[test]
fn pools() {
    let mut random = Random(5);
    for channels in [1, 4, 6] {
        for (size, kernel, stride, padding) in [
            ([5, 7], [5, 7], [1, 1], [0, 0]),
            ([6, 6], [2, 2], [2, 2], [0, 0]),
            ([7, 5], [3, 3], [2, 2], [1, 1]),
        ] {
            let of = shape([1, 1, 1], size, kernel, stride, padding, [1, 1]);
            let Conv2d { height, width, out_height, out_width, dilation, .. } = of;
            let shape =
                Pool2d { height, width, out_height, out_width, kernel, stride, padding, dilation };
            let x = random.bytes(height * width * channels);
            let mut bytes = Bytes::new(3, 3);
            bytes.min = -90;
            let (mut average, mut most) = (std::vec![], std::vec![]);
            for row in 0..out_height {
                for col in 0..out_width {
                    for channel in 0..channels {
                        let window: Vec<i64> = (0..kernel[0] * kernel[1])
                            .filter_map(|tap| {
                                let y =
                                    place(padding[0], height, row, tap / kernel[1], stride[0], 1)?;
                                let at =
                                    place(padding[1], width, col, tap % kernel[1], stride[1], 1)?;
                                Some(x[(y * width + at) * channels + channel].into())
                            })
                            .collect();
                        let (sum, n) = (window.iter().sum::<i64>(), window.len() as i64);
                        let mean = if sum > 0 { (sum + n / 2) / n } else { (sum - n / 2) / n };
                        average.push(mean.max(-90) as i8);
                        most.push(window.into_iter().max().unwrap().max(-90) as i8);
                    }
                }
            }
            let mut y = std::vec![77; average.len()];
            avg_pool2d(&shape, channels, &x, &bytes, &mut y);
            assert_eq!(y, average);
            max_pool2d(&shape, channels, &x, &bytes, &mut y);
            assert_eq!(y, most);
        }
    }
}

#[test]
fn sums_of_two() {
    let mut random = Random(6);
    for (scales, to) in [
        ([0.04, 0.1], 0.05),
        ([0.2, 0.003], 0.05),
        ([1.0, 1.0], 0.05),
        ([0.3, 0.29], 0.5),
        ([1e-4, 0.7], 0.4),
        // Factors that are not as most are.
        ([1e-9, 0.7], 0.4),
        ([0.7, 0.5], 1e-7),
    ] {
        let (a, b) = (random.bytes(256), random.bytes(256));
        let zeros = [random.next() as i8, random.next() as i8];
        let bytes = Bytes::new(0, random.next() as i8).relu();
        let of = Add::of(scales, to);
        let expected: Vec<i8> = a
            .iter()
            .zip(&b)
            .map(|(&a, &b)| {
                let shifted = [(a, 0), (b, 1)].map(|(x, i)| {
                    let x = (i64::from(x) - i64::from(zeros[i])) << 20;
                    requantized(x as i32, of.inputs[i])
                });
                finished(shifted[0] + shifted[1], of.output, &bytes)
            })
            .collect();
        let mut y = std::vec![77; 256];
        add(&of, [&a, &b], zeros, &bytes, &mut y);
        assert_eq!(y, expected);

        let bytes = Bytes::new(zeros[0], zeros[1]);
        let to = Requantize::of(scales[0].into());
        let off = |x: i8| i64::from(x) - i64::from(zeros[0]);
        let expected: Vec<i8> = a.iter().map(|&x| finished(off(x), to, &bytes)).collect();
        rescale(to, &a, &bytes, &mut y);
        assert_eq!(y, expected);
    }
}

/// The functions in integers come as near to those in `f64` as a byte can say, or one beside it.
#[test]
fn functions() {
    let near = |y: i8, expected: f64| {
        assert!((f64::from(y) - expected.clamp(-128.0, 127.0)).abs() <= 1.0, "{y}, not {expected}");
    };
    for (scale, zero) in [(0.04f32, -2i8), (0.1, -128), (0.003, 100)] {
        let (logistic, tanh) = (logistic_table(scale, zero), tanh_table(scale, zero));
        let x: Vec<i8> = (i8::MIN..=i8::MAX).collect();
        let mut y = std::vec![0; 256];
        look_up(&logistic, &x, &mut y);
        for (&x, &y) in x.iter().zip(&y) {
            let real = f64::from(scale) * (f64::from(x) - f64::from(zero));
            near(y, 256.0 / (1.0 + (-real).exp()) - 128.0);
            near(tanh[usize::from(x as u8)], 128.0 * real.tanh());
        }
        let x = Random(7).bytes(12);
        Softmax::of(scale).row(&x, &mut y[..12]);
        let exp = |x: i8| (f64::from(scale) * f64::from(x)).exp();
        let sum: f64 = x.iter().map(|&x| exp(x)).sum();
        x.iter().zip(&y).for_each(|(&x, &y)| near(y, 256.0 * exp(x) / sum - 128.0));
    }
}
