//! Holds the kernels for networks in bytes against plain loops, on awkward sizes, and counts what they take.
#![no_std]
#![no_main]

use boards::{CORE, Clock, Say, entry, exit};
use firmnet::kernel::Conv2d;
use firmnet::kernel::int8::{
    Bytes, Channel, Four, Packed, Requantize, conv2d, conv2d_scratch, dense, dense_scratch, pack,
};

boards::panics_end_it!();

#[entry]
fn main() -> ! {
    Say.text("kernels in bytes on ").text(CORE).line();
    let clock = Clock::start();
    let mut wrong = 0;
    for (name, shape) in &SHAPES {
        for bytes in [ZEROS, ZEROS.relu()] {
            let (instructions, right) = convolution(shape, &bytes, &clock);
            wrong += u32::from(!right);
            if bytes == ZEROS {
                Say.text("instructions of a ").text(name).text(": ").number(instructions).line();
            }
        }
    }
    for (inputs, outputs) in [(1, 1), (3, 2), (4, 7), (33, 5), (128, 16)] {
        let (instructions, right) = layer(inputs, outputs, &clock);
        wrong += u32::from(!right);
        if inputs == 128 {
            Say.text("instructions of a dense layer: ").number(instructions).line();
        }
    }
    Say.text("kernels that differ: ").number(wrong).line();
    exit(i32::from(wrong > 0))
}

/// Begins at a word.
#[repr(align(4))]
struct Scratch<const N: usize>([i8; N]);

/// Zero points that are none of a byte's bounds.
const ZEROS: Bytes = Bytes::new(-3, 20);

/// What counts, and then what a kernel goes wrong on if it ever does: odd numbers of channels, rows and columns, gaps, groups, several outputs
/// for a channel of the input.
const SHAPES: [(&str, Conv2d); 15] = [
    ("pointwise convolution", shape([32, 5, 5], 32, [1, 1], 1, 0, 1, 1)),
    ("convolution", shape([8, 8, 8], 8, [3, 3], 1, 1, 1, 1)),
    ("convolution of one channel", shape([1, 12, 12], 8, [3, 3], 1, 1, 1, 1)),
    ("depthwise convolution", shape([16, 8, 8], 16, [3, 3], 1, 1, 1, 16)),
    ("depthwise convolution with strides", shape([16, 9, 8], 16, [3, 3], 2, 1, 1, 16)),
    ("convolution of three channels", shape([3, 7, 6], 5, [3, 3], 2, 1, 1, 1)),
    ("convolution of wide windows", shape([1, 9, 10], 6, [5, 4], 2, 2, 1, 1)),
    ("convolution with gaps", shape([4, 9, 7], 3, [3, 2], 1, 1, 2, 1)),
    ("convolution in groups", shape([6, 5, 5], 10, [3, 3], 1, 1, 1, 2)),
    ("convolution of one place", shape([5, 1, 1], 9, [1, 1], 1, 0, 1, 1)),
    ("depthwise convolution of odd sizes", shape([8, 5, 5], 8, [3, 3], 1, 1, 1, 8)),
    ("depthwise convolution of all kinds", shape([12, 5, 5], 12, [3, 3], 1, 1, 1, 12)),
    ("depthwise convolution without padding", shape([8, 7, 9], 8, [3, 3], 2, 0, 1, 8)),
    ("depthwise convolution of three channels", shape([3, 6, 5], 3, [3, 3], 1, 1, 1, 3)),
    ("depthwise convolution that multiplies", shape([4, 6, 5], 8, [3, 3], 1, 1, 1, 4)),
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
fn convolution(shape: &Conv2d, bytes: &Bytes, clock: &Clock) -> (u32, bool) {
    let (mut x, mut y) = ([0; 1200], [0; 1200]);
    let (mut packed, mut channels) = ([Four::default(); 256], [Channel::default(); 32]);
    let mut scratch = Scratch([0; 1536]);
    let taps = shape.weight_len() / shape.out_channels;
    let (x, y) = (&mut x[..shape.x_len()], &mut y[..shape.y_len()]);
    let packed = &mut packed[..pack::conv2d(shape)];
    let channels = &mut channels[..shape.out_channels];
    let scratch = &mut scratch.0[..conv2d_scratch(shape)];
    x.iter_mut().enumerate().for_each(|(i, x)| *x = input(i));
    pack::pack_conv2d(shape, |o, tap| weight(o * taps + tap), packed);
    for (o, channel) in channels.iter_mut().enumerate() {
        let weights = (0..taps).map(|tap| weight(o * taps + tap));
        *channel = Channel::new(weights, bias(o), bytes.input_zero, factor(o, shape.out_channels));
    }
    let parameters = Packed { weight: packed, channels };
    let instructions = clock.count(|| conv2d(shape, x, parameters, bytes, scratch, y));
    let mut right = true;
    for (at, &y) in y.iter().enumerate() {
        let (place, o) = (at / shape.out_channels, at % shape.out_channels);
        let (row, col) = (place / shape.out_width, place % shape.out_width);
        let sum = bias(o) + one(shape, bytes, x, o, row, col);
        right &= y == finished(factor(o, shape.out_channels), sum, bytes);
    }
    (instructions, right)
}

/// The sum at one place of a convolution.
fn one(shape: &Conv2d, bytes: &Bytes, x: &[i8], o: usize, row: usize, col: usize) -> i32 {
    let ins = shape.in_channels / shape.groups;
    let first = o / (shape.out_channels / shape.groups) * ins;
    let [kh, kw] = shape.kernel;
    let mut sum = 0;
    for i in 0..kh {
        for j in 0..kw {
            let down =
                (row * shape.stride[0] + i * shape.dilation[0]).wrapping_sub(shape.padding[0]);
            let at = (col * shape.stride[1] + j * shape.dilation[1]).wrapping_sub(shape.padding[1]);
            if down >= shape.height || at >= shape.width {
                continue;
            }
            for c in 0..ins {
                let x = x[(down * shape.width + at) * shape.in_channels + first + c];
                let w = weight(((o * kh + i) * kw + j) * ins + c);
                sum += i32::from(w) * (i32::from(x) - i32::from(bytes.input_zero));
            }
        }
    }
    sum
}

/// As [`convolution`], a dense layer.
#[inline(never)]
fn layer(inputs: usize, outputs: usize, clock: &Clock) -> (u32, bool) {
    let (mut x, mut y) = ([0; 128], [0; 16]);
    let (mut packed, mut channels) = ([Four::default(); 512], [Channel::default(); 16]);
    let mut scratch = Scratch([0; 256]);
    let (x, y) = (&mut x[..inputs], &mut y[..outputs]);
    let packed = &mut packed[..pack::rows(outputs, inputs)];
    let channels = &mut channels[..outputs];
    let scratch = &mut scratch.0[..dense_scratch(inputs)];
    x.iter_mut().enumerate().for_each(|(i, x)| *x = input(i));
    pack::pack_rows(outputs, inputs, |o, i| weight(o * inputs + i), packed);
    for (o, channel) in channels.iter_mut().enumerate() {
        let weights = (0..inputs).map(|i| weight(o * inputs + i));
        *channel = Channel::new(weights, bias(o), ZEROS.input_zero, factor(o, outputs));
    }
    let parameters = Packed { weight: packed, channels };
    let instructions = clock.count(|| dense(x, parameters, &ZEROS, scratch, y));
    let mut right = true;
    for (o, &y) in y.iter().enumerate() {
        let sum: i32 = x
            .iter()
            .enumerate()
            .map(|(i, &x)| {
                i32::from(weight(o * inputs + i)) * (i32::from(x) - i32::from(ZEROS.input_zero))
            })
            .sum();
        right &= y == finished(factor(o, outputs), bias(o) + sum, &ZEROS);
    }
    (instructions, right)
}

fn input(i: usize) -> i8 {
    (i * 89 + i / 7) as u8 as i8
}

fn weight(i: usize) -> i8 {
    (i * 151 + i / 11 + 40) as u8 as i8
}

fn bias(o: usize) -> i32 {
    1000 - 300 * o as i32
}

/// Where channels are not whole eights, the fourth of eight has one that the kernels treat apart.
fn factor(o: usize, outs: usize) -> Requantize {
    let shift = if outs % 8 > 0 && o % 8 == 3 { -23 } else { -7 - (o % 3) as i32 };
    Requantize { multiplier: (1 << 30) + 77_777_777 * (o % 13) as i32, shift }
}

fn finished(to: Requantize, sum: i32, bytes: &Bytes) -> i8 {
    let y = to.apply(sum) + i32::from(bytes.output_zero);
    y.clamp(bytes.min.into(), bytes.max.into()) as i8
}
