//! Holds what is written by hand for this processor against plain loops, on awkward sizes, and counts what a convolution takes.
#![no_std]
#![no_main]

use boards::{CORE, Clock, Say, entry, exit};
use firmnet::kernel::{Conv2d, Matrix, conv2d, gemv};

boards::panics_end_it!();

/// Rows and columns on which a loop of fours and sixteens goes wrong if it ever does.
const ROWS: [usize; 7] = [1, 2, 3, 4, 5, 8, 11];
const COLUMNS: [usize; 13] = [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 64];

#[entry]
fn main() -> ! {
    Say.text("kernels on ").text(CORE).line();
    let (mut a, mut x, mut y) = ([0.0; 11 * 64 + 3], [0.0; 64 + 1], [0.0; 11]);
    whole_numbers(&mut a, 1);
    whole_numbers(&mut x, 2);
    let mut wrong = 0;
    for start in [0, 1, 3] {
        for rows in ROWS {
            for columns in COLUMNS {
                whole_numbers(&mut y, 3);
                wrong += u32::from(!fits(&a[start..], rows, columns, &x[start.min(1)..], &mut y));
            }
        }
    }
    Say.text("products that differ: ").number(wrong).line();
    let clock = Clock::start();
    let mut wrong_convolutions = 0;
    for (name, shape) in &SHAPES {
        let (instructions, right) = convolution(shape, &clock);
        wrong_convolutions += u32::from(!right);
        Say.text("instructions of a ").text(name).text(": ").number(instructions).line();
    }
    Say.text("convolutions that differ: ").number(wrong_convolutions).line();
    exit(i32::from(wrong + wrong_convolutions > 0))
}

/// Whether `gemv` of that size gives what plain loops give: with whole numbers, to the bit. What lies behind `y` stays as it is.
fn fits(a: &[f32], rows: usize, columns: usize, x: &[f32], y: &mut [f32; 11]) -> bool {
    let (x, before) = (&x[..columns], *y);
    gemv(Matrix::new(a, rows, columns), x, &mut y[..rows]);
    let mut right = y[rows..] == before[rows..];
    for ((y, before), row) in y[..rows].iter().zip(before).zip(a.chunks_exact(columns)) {
        let sum: f32 = row.iter().zip(x).map(|(a, x)| a * x).sum();
        right &= *y == before + sum;
    }
    right
}

/// What counts, and then what a kernel goes wrong on if it ever does: more taps than are gathered at a time, odd numbers of places and channels, strides,
/// gaps, padding, groups, and lines that are longer than is copied of them.
const SHAPES: [(&str, Conv2d); 17] = [
    ("convolution", shape([8, 8, 8], 16, [3, 3], 1, 0, 1, 1)),
    ("convolution with padding", shape([8, 8, 8], 16, [3, 3], 1, 1, 1, 1)),
    ("convolution with strides", shape([8, 8, 8], 16, [3, 3], 2, 1, 1, 1)),
    ("pointwise convolution", shape([16, 4, 8], 24, [1, 1], 1, 0, 1, 1)),
    ("depthwise convolution", shape([8, 8, 8], 8, [3, 3], 1, 1, 1, 8)),
    ("depthwise convolution with strides", shape([5, 9, 11], 5, [3, 3], 2, 1, 1, 5)),
    ("convolution of many taps", shape([17, 4, 5], 3, [3, 3], 1, 1, 1, 1)),
    ("convolution of odd sizes", shape([2, 9, 7], 5, [3, 3], 2, 1, 1, 1)),
    ("convolution in groups", shape([4, 7, 8], 6, [2, 2], 1, 0, 2, 2)),
    ("convolution of one channel", shape([1, 14, 7], 8, [10, 4], 2, 2, 1, 1)),
    ("pointwise convolution of odd sizes", shape([5, 5, 5], 6, [1, 1], 1, 0, 1, 1)),
    ("convolution of one column", shape([3, 11, 3], 4, [3, 3], 1, 0, 1, 1)),
    ("convolution of one place", shape([7, 3, 3], 9, [3, 3], 1, 0, 1, 1)),
    ("pointwise convolution with strides", shape([5, 6, 6], 8, [1, 1], 2, 0, 1, 1)),
    ("depthwise convolution of odd sizes", shape([6, 5, 6], 6, [3, 3], 1, 1, 1, 6)),
    ("depthwise convolution of long lines", shape([1, 2, 200], 1, [3, 3], 1, 1, 1, 1)),
    ("depthwise convolution that multiplies", shape([2, 5, 6], 4, [3, 3], 1, 1, 1, 2)),
];

const fn shape(
    x: [usize; 3],
    out_channels: usize,
    kernel: [usize; 2],
    stride: usize,
    padding: usize,
    dilation: usize,
    groups: usize,
) -> Conv2d {
    let all = Conv2d::of(x, out_channels, kernel);
    all.windows([stride; 2], [padding; 2], [dilation; 2]).groups(groups)
}

/// The instructions that a convolution takes, and whether it gives what plain loops give.
#[inline(never)]
fn convolution(shape: &Conv2d, clock: &Clock) -> (u32, bool) {
    let (mut x, mut w, mut y) = ([0.0; 512], [0.0; 1152], [0.0; 1024]);
    let (x, w) = (&mut x[..shape.x_len()], &mut w[..shape.weight_len()]);
    let y = &mut y[..shape.y_len()];
    whole_numbers(x, 4);
    whole_numbers(w, 5);
    let bias: [f32; 24] = core::array::from_fn(|i| i as f32);
    let bias = &bias[..shape.out_channels];
    let instructions = clock.count(|| conv2d(shape, 1, x, w, bias, y));
    let mut right = true;
    for (at, &y) in y.iter().enumerate() {
        let [plane, width] = [shape.out_height * shape.out_width, shape.out_width];
        let (o, row, col) = (at / plane, at % plane / width, at % width);
        right &= y == bias[o] + one(shape, x, w, o, row, col);
    }
    (instructions, right)
}

/// The sum at one place of a convolution.
fn one(shape: &Conv2d, x: &[f32], w: &[f32], o: usize, row: usize, col: usize) -> f32 {
    let ins = shape.in_channels / shape.groups;
    let first = o / (shape.out_channels / shape.groups) * ins;
    let [kh, kw] = shape.kernel;
    let mut sum = 0.0;
    for c in 0..ins {
        for i in 0..kh {
            for j in 0..kw {
                let y = (row * shape.stride[0] + i * shape.dilation[0]) as isize
                    - shape.padding[0] as isize;
                let at = (col * shape.stride[1] + j * shape.dilation[1]) as isize
                    - shape.padding[1] as isize;
                let inside = (0..shape.height as isize).contains(&y)
                    && (0..shape.width as isize).contains(&at);
                if inside {
                    let x =
                        x[((first + c) * shape.height + y as usize) * shape.width + at as usize];
                    sum += w[((o * ins + c) * kh + i) * kw + j] * x;
                }
            }
        }
    }
    sum
}

fn whole_numbers(numbers: &mut [f32], seed: usize) {
    for (i, number) in numbers.iter_mut().enumerate() {
        *number = ((i * 37 + seed * 11) % 17) as f32 - 8.0;
    }
}
