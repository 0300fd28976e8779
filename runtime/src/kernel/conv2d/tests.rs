use super::*;
use crate::kernel::dispatch::forced;
use crate::kernel::testing::{on_threads, whole_numbers};
use crate::kernel::{Pool2d, max_pool2d};
use std::{assert, assert_eq};

/// Sizes with the output worked out.
fn shape(
    x: [usize; 3],
    out_channels: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
    groups: usize,
) -> Conv2d {
    let [_, height, width] = x;
    // Without padding, the kernel might not fit.
    let of = Conv2d::of([x[0], 1000, 1000], out_channels, kernel).groups(groups);
    Conv2d { height, width, ..of }.windows(stride, padding, dilation)
}

/// Numbers that are to be whole; those of fewer multiplications are as good as that.
fn whole(shape: &Conv2d, y: &[f32]) -> std::vec::Vec<f32> {
    if !winograd::fits(shape, true) {
        return y.to_vec();
    }
    assert!(y.iter().all(|y| (y - y.round()).abs() < 0.01), "{shape:?}");
    y.iter().map(|y| y.round()).collect()
}

/// All three passes against the definition. Sums of whole numbers are exact, so not a bit may differ.
fn check(shape: Conv2d, n: usize) {
    let (x, weight) = (whole_numbers(n * shape.x_len(), 1), whole_numbers(shape.weight_len(), 2));
    let (bias, dy) = (whole_numbers(shape.out_channels, 3), whole_numbers(n * shape.y_len(), 4));

    let mut expected = whole_numbers(dy.len(), 5);
    let mut y = expected.clone();
    for (x, y) in shape.samples(&x, &mut expected) {
        scalar::forward(&shape, x, &weight, Some(&bias), y);
    }
    conv2d(&shape, n, &x, &weight, &bias, &mut y);
    assert_eq!(whole(&shape, &y), expected, "y of {n} {shape:?}");
    let mut packed = vec![f32::NAN; shape.packed_len()];
    shape.pack(&weight, &mut packed);
    if !packed.is_empty() {
        let filters = Filters { packed: Some(&packed), ..Filters::new(&weight, &bias) };
        y.fill(7.0);
        conv2d_ending(&shape, n, &x, filters, Ending::NONE, &mut y);
        assert_eq!(whole(&shape, &y), expected, "y of {n} {shape:?}, packed");
    }

    let (scale, shift) =
        (whole_numbers(shape.out_channels, 6), whole_numbers(shape.out_channels, 7));
    let (add, plane) = (whole_numbers(y.len(), 8), shape.out_height * shape.out_width);
    let ended = |add: &[f32]| -> std::vec::Vec<f32> {
        let channel = |at: usize| at / plane % shape.out_channels;
        let scaled = |at: usize| expected[at] * scale[channel(at)] + shift[channel(at)];
        (0..y.len()).map(|at| (scaled(at) + add[at]).clamp(-3.0, 9.0)).collect()
    };
    let (bounded, added) = (ended(&vec![0.0; add.len()]), ended(&add));
    let ending = Ending {
        factors: Some([&scale, &shift]),
        add: Some(&add),
        bounds: Some([-3.0, 9.0]),
        pool: false,
    };
    conv2d_ending(&shape, n, &x, Filters::new(&weight, &bias), ending, &mut y);
    assert_eq!(whole(&shape, &y), added, "y scaled, more and within bounds of {n} {shape:?}");
    let ending = Ending { add: None, ..ending };
    conv2d_ending(&shape, n, &x, Filters::new(&weight, &bias), ending, &mut y);
    assert_eq!(whole(&shape, &y), bounded, "y scaled and within bounds of {n} {shape:?}");
    if shape.pools() {
        let (height, width) = (shape.out_height, shape.out_width);
        let (out_height, out_width) = (height / 2, width / 2);
        let squares = Pool2d {
            height,
            width,
            out_height,
            out_width,
            kernel: [2; 2],
            stride: [2; 2],
            padding: [0; 2],
            dilation: [1; 2],
        };
        let mut largest = vec![0.0; n * shape.out_channels * out_height * out_width];
        max_pool2d(&squares, n * shape.out_channels, &bounded, &mut largest);
        let mut pooled = vec![7.0; largest.len()];
        conv2d_ending(
            &shape,
            n,
            &x,
            Filters::new(&weight, &bias),
            Ending { pool: true, ..ending },
            &mut pooled,
        );
        assert_eq!(whole(&shape, &pooled), largest, "y pooled of {n} {shape:?}");
    }

    y.copy_from_slice(&expected);
    for (x, y) in shape.samples(&x, &mut expected) {
        scalar::forward(&shape, x, &weight, None, y);
    }
    conv2d_add(&shape, n, &x, &weight, &mut y);
    assert_eq!(whole(&shape, &y), expected, "more y of {n} {shape:?}");

    let mut expected = x.clone();
    let mut dx = x.clone();
    for (dy, dx) in dy.chunks(shape.y_len()).zip(expected.chunks_mut(shape.x_len())) {
        scalar::backward_input(&shape, dy, &weight, dx);
    }
    conv2d_backward_input(&shape, n, &dy, &weight, Writing::Adds, &mut dx);
    assert_eq!(whole(&shape, &dx), expected, "dx of {n} {shape:?}");
    conv2d_backward_input(&shape, n, &dy, &weight, Writing::First, &mut dx);
    expected.iter_mut().zip(&x).for_each(|(expected, x)| *expected -= x);
    assert_eq!(whole(&shape, &dx), expected, "the first dx of {n} {shape:?}");
    conv2d_backward_input(&shape, n, &dy, &weight, Writing::Rectified(&x), &mut dx);
    expected
        .iter_mut()
        .zip(&x)
        .for_each(|(expected, &x)| *expected = if x > 0.0 { *expected } else { 0.0 });
    assert_eq!(whole(&shape, &dx), expected, "the rectified dx of {n} {shape:?}");

    for with_bias in [true, false] {
        let (mut edw, mut edb) = (weight.clone(), if with_bias { bias.clone() } else { vec![] });
        let (mut dw, mut db) = (edw.clone(), edb.clone());
        for (x, dy) in x.chunks(shape.x_len()).zip(dy.chunks(shape.y_len())) {
            scalar::backward_weight(&shape, x, dy, &mut edw, &mut edb);
        }
        conv2d_backward_weight(&shape, n, &x, &dy, &mut dw, &mut db);
        assert_eq!(db, edb, "db of {n} {shape:?}");
        assert_eq!(whole(&shape, &dw), edw, "dw of {n} {shape:?}");
    }
}

use std::vec;

#[test]
fn shapes_of_real_networks() {
    forced::on_each(|| {
        check(shape([1, 28, 28], 32, [3, 3], [1, 1], [0, 0], [1, 1], 1), 2);
        check(shape([32, 26, 26], 64, [3, 3], [1, 1], [0, 0], [1, 1], 1), 1);
        check(shape([16, 32, 32], 16, [3, 3], [1, 1], [1, 1], [1, 1], 1), 1);
        check(shape([3, 33, 35], 10, [7, 7], [2, 2], [3, 3], [1, 1], 1), 1);
        check(shape([64, 8, 8], 64, [3, 3], [1, 1], [1, 1], [1, 1], 1), 5);
        check(shape([16, 16, 16], 32, [1, 1], [2, 2], [0, 0], [1, 1], 1), 2);
        check(shape([1, 49, 10], 64, [10, 4], [2, 2], [4, 1], [1, 1], 1), 1);
        check(shape([24, 25, 5], 24, [3, 3], [1, 1], [1, 1], [1, 1], 24), 2);
        check(shape([20, 1, 100], 12, [1, 5], [1, 1], [0, 2], [1, 2], 1), 2);
    });
}

#[test]
fn awkward_shapes() {
    forced::on_each(|| {
        let mut pick = whole_numbers(1 << 16, 6).into_iter().map(|v| (v + 4.0) as usize);
        let mut below = move |n: usize| (pick.next().unwrap() * 9 + pick.next().unwrap()) % n;
        let mut done = 0;
        while done < 300 {
            let groups = 1 + below(3);
            let (c, oc) = (groups * (1 + below(5)), groups * (1 + below(11)));
            let [kernel, stride, padding, dilation] = [(5, 1), (3, 1), (4, 0), (3, 1)]
                .map(|(n, from)| [from + below(n), from + below(n)]);
            let size = [1 + below(20), 1 + below(20)];
            let fits = |i: usize| {
                crate::shape::window(size[i], kernel[i], stride[i], padding[i], dilation[i])
                    .is_some()
            };
            if fits(0) && fits(1) {
                let sizes = [c, size[0], size[1]];
                check(shape(sizes, oc, kernel, stride, padding, dilation, groups), 1 + below(3));
                done += 1;
            }
        }
    });
}

#[test]
fn strides_beyond_the_kernel() {
    forced::on_each(|| {
        check(shape([2, 3, 3], 3, [2, 2], [3, 4], [1, 0], [1, 1], 1), 3);
        check(shape([8, 14, 15], 5, [4, 4], [2, 2], [1, 1], [1, 1], 1), 3);
        check(shape([3, 13, 17], 4, [3, 4], [4, 6], [0, 5], [6, 4], 1), 3);
        check(shape([3, 9, 2], 4, [2, 2], [3, 1], [7, 0], [1, 1], 1), 3);
    });
}

#[test]
fn strides_of_many_channels() {
    forced::on_each(|| {
        for (x, out_channels, kernel, stride, padding, dilation) in [
            ([5, 23, 19], 40, [3, 2], [2, 3], [1, 2], [2, 1]),
            ([3, 40, 41], 29, [7, 7], [2, 2], [3, 3], [1, 1]),
            ([2, 9, 11], 61, [2, 2], [1, 2], [0, 0], [1, 1]),
            ([17, 8, 7], 17 * 4, [1, 1], [3, 3], [0, 0], [1, 1]),
        ] {
            let all = shape(x, out_channels, kernel, stride, padding, dilation, 1);
            assert!(channels::fits(&all, true));
            check(all, 3);
            let (out_height, out_width) = (all.out_height - 1, all.out_width - 1);
            check(Conv2d { out_height, out_width, ..all }, 1);
        }
    });
}

#[test]
fn fewer_outputs_than_fit() {
    // As a transposed convolution has them whose output is padded.
    forced::on_each(|| {
        for (padding, dilation) in [([0, 0], [3, 3]), ([2, 1], [3, 2]), ([4, 5], [4, 3])] {
            let all = shape([3, 14, 15], 4, [3, 2], [1, 2], padding, dilation, 1);
            let (out_height, out_width) = (all.out_height - 2, all.out_width - 1);
            check(Conv2d { out_height, out_width, ..all }, 2);
        }
    });
}

#[test]
fn kernels_of_many_taps() {
    forced::on_each(|| {
        check(shape([2, 20, 19], 3, [17, 18], [1, 1], [2, 0], [1, 1], 1), 1);
        // The windows of a short-time Fourier transform, and more taps than there is room for.
        check(shape([1, 1, 640], 9, [1, 256], [1, 128], [0, 0], [1, 1], 1), 2);
        check(shape([1, 1, 700], 3, [1, 600], [1, 50], [0, 20], [1, 1], 1), 1);
    });
}

#[test]
fn in_fewer_multiplications() {
    forced::on_each(|| {
        for (x, out_channels, padding) in [
            ([32, 21, 19], 32, [1, 1]),
            ([33, 20, 24], 37, [0, 2]),
            ([34, 22, 41], 35, [2, 0]),
            ([32, 3, 98], 33, [2, 1]),
            ([35, 104, 4], 32, [0, 1]),
            ([32, 4, 220], 34, [1, 0]),
        ] {
            let all = shape(x, out_channels, [3, 3], [1, 1], padding, [1, 1], 1);
            assert!(winograd::fits(&all, false));
            check(all, 2);
            // Tiles enough for the gradient of the weight, too.
            check(all, 6);
            check(Conv2d { out_height: all.out_height - 1, ..all }, 1);
            check(Conv2d { out_width: all.out_width - 1, ..all }, 1);
        }
    });
}

/// What is added and taken away in between costs no more than a few bits: windows alone lose a third of this.
#[test]
fn fewer_multiplications_are_as_good() {
    let shape = shape([64, 20, 20], 32, [3, 3], [1, 1], [1, 1], [1, 1], 1);
    let numbers = |len: usize, factor: usize| -> std::vec::Vec<f32> {
        (0..len).map(|i| ((i * factor) % 1009) as f32 / 504.0 - 1.0).collect()
    };
    let (x, weight) = (numbers(shape.x_len(), 37), numbers(shape.weight_len(), 53));
    let (mut y, mut exact) = (vec![0.0; shape.y_len()], vec![0.0; shape.y_len()]);
    for (at, exact) in exact.iter_mut().enumerate() {
        let (o, row, col) = (at / 400, at / 20 % 20, at % 20);
        for c in 0..64 {
            for (i, j) in (0..9).map(|tap| (tap / 3, tap % 3)) {
                let (row, col) = (row + i, col + j);
                if (1..21).contains(&row) && (1..21).contains(&col) {
                    let x = x[(c * 20 + row - 1) * 20 + col - 1];
                    *exact += f64::from(weight[(o * 64 + c) * 9 + 3 * i + j]) * f64::from(x);
                }
            }
        }
    }
    let largest = exact.iter().fold(0.0f64, |largest, y| largest.max(y.abs()));
    forced::on_each(|| {
        conv2d(&shape, 1, &x, &weight, &[], &mut y);
        for (y, exact) in y.iter().zip(&exact) {
            assert!((f64::from(*y) - exact).abs() < 3e-6 * largest, "{y}, not {exact}");
        }
    });
}

/// The same of the gradient of the weight, over thousands of places: windows alone may lose half of this.
#[test]
fn fewer_multiplications_are_as_good_for_a_weight() {
    let (n, shape) = (16, shape([32, 24, 24], 32, [3, 3], [1, 1], [1, 1], [1, 1], 1));
    // Without a pattern; and what comes in is not negative, as behind a `ReLU`.
    let numbers = |len: usize, seed: u32, least: f32| -> std::vec::Vec<f32> {
        let number = |i: u32| {
            let mixed = (i ^ seed).wrapping_mul(0x85eb_ca6b);
            let mixed = (mixed ^ mixed >> 13).wrapping_mul(0xc2b2_ae35);
            ((mixed ^ mixed >> 16) as f32 / (1u32 << 31) as f32 - 1.0).max(least)
        };
        (0..len as u32).map(number).collect()
    };
    let x = numbers(n * shape.x_len(), 0x3701_0000, 0.0);
    let dy = numbers(n * shape.y_len(), 0x5303_0000, -1.0);
    let at = |row: usize, col: usize| (row.wrapping_sub(1) * 24).wrapping_add(col.wrapping_sub(1));
    let exact = |o: usize, c: usize, tap: usize| {
        let mut sum = 0.0;
        for (sample, row, col) in (0..n * 576).map(|i| (i / 576, i / 24 % 24, i % 24)) {
            let (down, right) = (row + tap / 3, col + tap % 3);
            if (1..25).contains(&down) && (1..25).contains(&right) {
                let x = x[(sample * 32 + c) * 576 + at(down, right)];
                sum += f64::from(x) * f64::from(dy[(sample * 32 + o) * 576 + row * 24 + col]);
            }
        }
        sum
    };
    let exact: std::vec::Vec<f64> =
        (0..32 * 9).map(|i| exact(i / 9, (5 * i / 9) % 32, i % 9)).collect();
    let largest = exact.iter().fold(0.0f64, |largest, dw| largest.max(dw.abs()));
    forced::on_each(|| {
        let (mut dw, mut by_windows) =
            (vec![0.0; shape.weight_len()], vec![0.0; shape.weight_len()]);
        conv2d_backward_weight(&shape, n, &x, &dy, &mut dw, &mut []);
        outer::backward_weight(&shape, n, &x, &dy, &mut by_windows, &mut []);
        assert!(dw != by_windows);
        for (dw, most) in [(dw, 1e-6), (by_windows, 5e-7)] {
            for (i, exact) in exact.iter().enumerate() {
                let dw = dw[(i / 9 * 32 + (5 * i / 9) % 32) * 9 + i % 9];
                assert!((f64::from(dw) - exact).abs() < most * largest, "{dw}, not {exact}");
            }
        }
    });
}

#[test]
fn nothing_to_do() {
    check(shape([2, 4, 4], 3, [3, 3], [1, 1], [0, 0], [1, 1], 1), 0);
}

#[test]
fn threads_do_not_change_a_bit() {
    // Fractions, whose sums depend on their order; enough of them for threads.
    for (n, shape) in [
        (40, shape([8, 20, 20], 24, [3, 3], [1, 1], [1, 1], [1, 1], 1)),
        (2, shape([16, 60, 60], 40, [3, 3], [1, 1], [0, 0], [1, 1], 1)),
        (10, shape([32, 22, 24], 40, [3, 3], [1, 1], [1, 1], [1, 1], 1)),
        (3, shape([16, 60, 60], 40, [3, 3], [2, 2], [1, 1], [1, 1], 1)),
    ] {
        let fractions = |len: usize| -> std::vec::Vec<f32> {
            (0..len).map(|i| 1.0 / ((i * 7) % 1009 + 1) as f32).collect()
        };
        let (x, dy) = (fractions(n * shape.x_len()), fractions(n * shape.y_len()));
        let (weight, bias) = (fractions(shape.weight_len()), fractions(shape.out_channels));
        let run = |threads: usize| {
            let (mut y, mut dx) = (dy.clone(), x.clone());
            let (mut dw, mut db) = (weight.clone(), bias.clone());
            on_threads(threads, || {
                conv2d(&shape, n, &x, &weight, &bias, &mut y);
                conv2d_backward_input(&shape, n, &dy, &weight, Writing::Adds, &mut dx);
                conv2d_backward_weight(&shape, n, &x, &dy, &mut dw, &mut db);
            });
            (y, dx, dw, db)
        };
        forced::on_each(|| {
            let one = run(1);
            assert!([2, 3].iter().all(|&threads| run(threads) == one));
        });
    }
}
