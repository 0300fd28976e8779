//! Gradients of layers against differences of their values, on arguments and shapes that the vectors have not.
//!
//! With `L(t) = Σ w·y` where inputs and parameters have moved by `t` along a random direction, `L′(0)` is the product of that
//! direction and the gradient. The central difference is extrapolated from the steps h and 2h (Richardson). What is left is the fifth
//! derivative times h⁴, and the rounding of the outputs, about 1e-7 / h: with h = 0.01 together below 5e-5 of the sum of the sizes of
//! the terms. Where a function has corners no input comes within 2h of one, and then only the rounding is left.

use firmnet::prelude::*;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use super::net::{Net, net};

const STEP: f32 = 0.01;
const TOLERANCE: f64 = 5e-5;

macro_rules! differences {
    ($($of:ident { $(($($x:ident: [$($from:literal),*]),*) -> $to:tt, { $($layers:tt)* }, $body:expr;)* })*) => {$(
        #[test]
        fn $of() {$({
            network! { struct Net { $($layers)* } fn forward($($x: [$($from),*]),*) -> $to { $body } }
            check(&mut *net::<Net>(), &[$([$($from),*].iter().product()),*], stringify!($body));
        })*}
    )*};
}

differences! {
    linear {
        (x: [7]) -> [5], { layer: Linear(5) }, layer(x);
        (x: [3]) -> [40], { layer: Linear(40, bias = false) }, layer(x);
        (x: [4, 3]) -> [4, 9], { layer: Linear(9) }, layer(x);
    }
    conv2d {
        (x: [3, 5, 6]) -> [4, 5, 3], { layer: Conv2d(4, 3, padding = 1, stride = (1, 2)) }, layer(x);
        (x: [4, 5, 4]) -> [8, 2, 4], { layer: Conv2d(8, (3, 2), groups = 2, padding = (0, 1), dilation = (1, 2), stride = (2, 1)) }, layer(x);
        (x: [6, 4, 3]) -> [6, 4, 3], { layer: Conv2d(6, (4, 2), groups = 6, padding = "same", bias = false) }, layer(x);
        (x: [17, 2, 2]) -> [9, 2, 2], { layer: Conv2d(9, 1) }, layer(x);
    }
    conv1d {
        (x: [3, 8]) -> [4, 5], { layer: Conv1d(4, 4, padding = 2, stride = 2) }, layer(x);
        (x: [4, 6]) -> [6, 8], { layer: Conv1d(6, 3, groups = 2, padding = 3, dilation = 2, padding_mode = "reflect") }, layer(x);
        (x: [2, 12]) -> [3, 6], { layer: Conv1d(3, 5, dilation = 3, stride = 2, bias = false, causal = true) }, layer(x);
        (x: [3, 7]) -> [3, 7], { layer: Conv1d(3, 6, groups = 3, padding = "same", padding_mode = "reflect") }, layer(x);
    }
    conv_transpose2d {
        (x: [3, 3, 4]) -> [4, 6, 8], { layer: ConvTranspose2d(4, 4, padding = 1, stride = 2) }, layer(x);
        (x: [4, 3, 2]) -> [6, 10, 6], { layer: ConvTranspose2d(6, 3, groups = 2, stride = (3, 2), dilation = (1, 2), padding = (0, 1), output_padding = 1, bias = false) }, layer(x);
    }
    resampling {
        (x: [2, 3, 4]) -> [2, 5, 6], {}, Upsample((5, 6))(x);
        (x: [2, 3, 4]) -> [2, 7, 3], {}, Upsample((7, 3), mode = "bilinear")(x);
        (x: [2, 4, 3]) -> [2, 3, 8], {}, Upsample((3, 8), mode = "bilinear", align_corners = true)(x);
        (x: [2, 3, 4]) -> [2, 6, 6], {}, ZeroPad2d((0, 2, 1, 2))(x);
        (x: [2, 3, 4]) -> [2, 6, 9], {}, ReflectionPad2d((3, 2, 1, 2))(x);
        (x: [3, 5]) -> [3, 12], {}, ReflectionPad1d((3, 4))(x);
    }
    sequences {
        (x: [6, 4]) -> [4], {}, Mean(x);
        (x: [6, 4]) -> [4], {}, Max(x);
        (x: [3, 2, 4]) -> [2, 4], {}, Last(x);
    }
    recurrent {
        (x: [4, 3]) -> [4, 5], { layer: LSTM(5) }, layer(x);
        (x: [3, 2], h: [4, 3], c: [4, 3]) -> [6], { layer: LSTM(3, num_layers = 2, bidirectional = true, last = true) }, layer(x, h, c);
        (x: [3, 4]) -> [3, 8], { layer: LSTM(4, num_layers = 3, dropout = 0.4, bidirectional = true) }, layer(x);
        (x: [4, 3]) -> [4, 5], { layer: GRU(5) }, layer(x);
        (x: [4, 3], h: [2, 3]) -> [3], { layer: GRU(3, num_layers = 2, dropout = 0.5, last = true) }, layer(x, h);
        (x: [3, 4]) -> [3, 6], { layer: RNN(3, num_layers = 2, bidirectional = true, bias = false) }, layer(x);
        // Steps of one cell, one after the other.
        (a: [3], b: [3], state: [2, 4]) -> [2, 4], { layer: LSTMCell(4) }, layer(b, layer(a, state));
        (a: [3], b: [3], h: [4]) -> [4], { layer: GRUCell(4) }, layer(b, layer(a, h));
        (a: [3], b: [3]) -> [4], { layer: RNNCell(4) }, layer(b, layer(a));
        // States that come from elsewhere, and a sequence that goes on from there.
        (x: [5, 3], s: [8]) -> [5, 8], { start: Linear(8), layer: GRU(4, bidirectional = true) }, layer(x, Tanh(Reshape([2, 4])(start(s))));
    }
    pools {
        (x: [3, 8]) -> [3, 5], {}, MaxPool1d(2, stride = 2, padding = 1)(x);
        (x: [2, 10]) -> [2, 3], {}, MaxPool1d(3, stride = 2, dilation = 2)(x);
        (x: [2, 9]) -> [2, 4], {}, AvgPool1d(3, stride = 3, padding = 1, ceil_mode = true, count_include_pad = false)(x);
        (x: [3, 7]) -> [3, 4], {}, AdaptiveAvgPool1d(4)(x);
        (x: [2, 4, 8]) -> [2, 3, 5], {}, MaxPool2d(2, stride = (1, 2), padding = (0, 1))(x);
        (x: [1, 7, 7]) -> [1, 4, 4], {}, MaxPool2d(3, stride = 2, padding = 1, ceil_mode = true)(x);
        (x: [2, 7, 5]) -> [2, 4, 2], {}, AvgPool2d(3, stride = (2, 3), padding = 1, ceil_mode = true, count_include_pad = false)(x);
        (x: [2, 3, 4]) -> [2, 2, 4], {}, AvgPool2d((2, 1), stride = 1, divisor_override = 7)(x);
        (x: [3, 7, 3]) -> [3, 3, 2], {}, AdaptiveAvgPool2d((3, 2))(x);
    }
    activations {
        (x: [24]) -> [24], {}, ReLU(x);
        (x: [24]) -> [24], {}, LeakyReLU(negative_slope = 0.3)(x);
        (x: [4, 3]) -> [4, 3], { layer: PReLU(num_parameters = 4) }, layer(x);
        (x: [24]) -> [24], { layer: PReLU }, layer(x);
        (x: [24]) -> [24], {}, ELU(alpha = 0.7)(x);
        (x: [24]) -> [24], {}, SELU(x);
        (x: [24]) -> [24], {}, GELU(x);
        (x: [24]) -> [24], {}, GELU(approximate = "tanh")(x);
        (x: [24]) -> [24], {}, SiLU(x);
        (x: [24]) -> [24], {}, Sigmoid(x);
        (x: [24]) -> [24], {}, Sqrt(Softplus(x));
        (x: [24]) -> [24], {}, Tanh(x);
        (x: [24]) -> [24], {}, Softplus(beta = 1.5)(x);
        (x: [24]) -> [24], {}, Hardswish(x);
        (x: [24]) -> [24], {}, Hardsigmoid(x);
        (x: [9]) -> [9], {}, Softmax(x);
        (x: [2, 4, 3]) -> [2, 4, 3], {}, Softmax(dim = 1)(x);
        (x: [9]) -> [9], {}, LogSoftmax(x);
        (x: [4, 2, 3]) -> [4, 2, 3], {}, LogSoftmax(dim = 0)(x);
    }
    batch_norms {
        (x: [5]) -> [5], { layer: BatchNorm1d }, layer(x);
        (x: [4, 3]) -> [4, 3], { layer: BatchNorm1d(eps = 0.2, affine = false) }, layer(x);
        (x: [2, 3, 4]) -> [2, 3, 4], { layer: BatchNorm2d(track_running_stats = false) }, layer(x);
    }
    norms {
        (x: [3, 5]) -> [3, 5], { layer: LayerNorm }, layer(x);
        (x: [20]) -> [20], { layer: LayerNorm(bias = false, eps = 0.1) }, layer(x);
        (x: [2, 2, 3]) -> [2, 2, 3], { layer: LayerNorm([2, 3]) }, layer(x);
        (x: [4, 6]) -> [4, 6], {}, LayerNorm(elementwise_affine = false)(x);
        (x: [3, 9]) -> [3, 9], { layer: RMSNorm }, layer(x);
        (x: [6, 2, 2]) -> [6, 2, 2], { layer: GroupNorm(3) }, layer(x);
        (x: [3, 7]) -> [3, 7], { layer: InstanceNorm1d(affine = true) }, layer(x);
        (x: [2, 3, 3]) -> [2, 3, 3], { layer: InstanceNorm2d(affine = true, track_running_stats = true) }, layer(x);
    }
    // Dropout draws the same for the same seed.
    attention {
        (x: [5, 6]) -> [5, 6], { layer: MultiheadAttention(3) }, layer(x);
        (x: [4, 6]) -> [4, 6], { layer: MultiheadAttention(2, causal = true, dropout = 0.3, bias = false) }, layer(x, x, x);
        (x: [4, 4], m: [7, 4]) -> [4, 4], { layer: MultiheadAttention(2, rotary = true, dropout = 0.4) }, layer(x, m);
        (x: [3, 4], k: [5, 4], v: [5, 4]) -> [3, 4], { layer: MultiheadAttention(1) }, layer(x, k, v);
        (x: [3, 4], k: [3, 4]) -> [3, 4], { layer: MultiheadAttention(1) }, layer(x, k, x);
    }
    transformers {
        (x: [5, 4]) -> [5, 4], { layer: TransformerEncoderLayer(2, 6, 0.0, "gelu", rotary = true) }, layer(x);
        (x: [5, 4]) -> [5, 4], { layer: TransformerEncoderLayer(2, 6, 0.3, "gelu", causal = true) }, layer(x);
        (x: [4, 6]) -> [4, 6], { layer: TransformerEncoderLayer(3, 5, 0.25, "gelu", norm_first = true, bias = false) }, layer(x);
        (x: [4, 4], m: [6, 4]) -> [4, 4], { layer: TransformerDecoderLayer(2, 6, 0.2, "gelu", causal = true) }, layer(x, m);
        (x: [4, 4]) -> [4, 4], { layer: TransformerDecoderLayer(2, 6, 0.0, "gelu", norm_first = true) }, layer(x, x);
        (x: [4, 4], m: [4, 4]) -> [4, 4], { position: PositionalEmbedding, layer: TransformerDecoderLayer(2, 7, 0.2, "gelu", norm_first = true) },
            layer(PositionalEncoding(position(x)), position(m));
    }
    moves {
        (x: [2, 3, 4]) -> [24], {}, Flatten(x);
        (x: [2, 3, 4]) -> [6, 4], {}, Reshape([6, 4])(x);
        (x: [2, 3, 4]) -> [2, 4, 3], {}, Transpose(1, 2)(x);
        (x: [2, 3, 4]) -> [2, 3, 2], {}, Slice(1, 3, dim = -1)(x);
        (x: [5]) -> [5], {}, Identity(x);
        (a: [2, 3], b: [2, 1], c: [2, 2]) -> [2, 6], {}, Concat(a, b, c, dim = 1);
    }
    sums_and_products {
        (a: [7], b: [7], c: [7]) -> [7], {}, Add(a, b, c);
        (a: [7], b: [7], c: [7]) -> [7], {}, Mul(a, b, c);
        (a: [7]) -> [7], {}, a * a + a;
        (a: [3, 4, 2], b: [3, 1, 1]) -> [3, 4, 2], {}, a * b;
        (a: [1], b: [9]) -> [9], {}, Mul(a, b);
    }
    dropouts {
        (x: [24]) -> [24], {}, Dropout(0.5)(x);
        (x: [6, 2, 2]) -> [6, 2, 2], {}, Dropout2d(0.5)(x);
    }
    // One layer after the other, twice, and beside itself: gradients that meet and that overwrite.
    networks {
        (x: [3, 6, 6]) -> [5], { act: PReLU(num_parameters = 3), conv: Conv2d(4, 3), fc: Linear(5) },
            LogSoftmax(fc(Flatten(AvgPool2d(2)(conv(act(x))))));
        (x: [2, 4, 4]) -> [3, 2, 2], { conv: Conv2d(3, 3, bias = false), bn: BatchNorm2d }, SiLU(bn(conv(x)));
        (x: [6]) -> [6], { fc: Linear(6) }, fc(Tanh(fc(Sigmoid(fc(x)))) + x);
        (x: [4, 4, 4]) -> [4, 4, 4], { conv1: Conv2d(4, 3, padding = 1), conv2: Conv2d(4, 3, padding = 1) },
            SiLU(x + conv2(GELU(conv1(x))));
        (x: [4], h: [4]) -> [4], { gate: Linear(4), new: Linear(4) },
            Sigmoid(gate(Concat(x, h))) * Tanh(new(Concat(x, h))) + Sigmoid(gate(Concat(x, h))) * h;
    }
}

/// Compares both slopes of the network along eight directions, on a batch of three.
fn check(net: &mut dyn Net, inputs: &[usize], of: &str) {
    const N: usize = 3;
    let mut rng = SmallRng::seed_from_u64(5);
    let mut x: Vec<Vec<f32>> =
        inputs.iter().map(|&len| (0..N).flat_map(|_| apart(len, &mut rng)).collect()).collect();
    let tensors = net.names().len();
    for i in 0..tensors {
        // As PyTorch would choose it: outputs of about the size of the inputs.
        let bound = 1.0 / (net.tensor(i).len() as f32).sqrt().max(1.5);
        net.tensor(i).iter_mut().for_each(|p| *p = rng.random_range(-bound..bound));
    }
    let outputs = net.forward(N, &x)[0].len();
    let w: Vec<f32> = (0..outputs).map(|_| rng.random_range(-1.0..1.0)).collect();
    let step = net.train(&x, &w);
    let gradient: Vec<f32> = step.dx.iter().chain(&step.grads).flatten().copied().collect();

    let home: Vec<f32> = (x.iter().flatten().copied())
        .chain((0..tensors).flat_map(|i| net.tensor(i).to_vec()))
        .collect();
    for _ in 0..8 {
        // In proportion to each number, for a step must be small beside what it changes.
        let along: Vec<f32> =
            home.iter().map(|p| p.abs().min(1.0) * rng.random_range(-1.0..1.0)).collect();
        let mut value = |t: f32| {
            let mut moved = home.iter().zip(&along).map(|(p, a)| p + t * a);
            let mut take =
                |to: &mut [f32]| to.iter_mut().for_each(|to| *to = moved.next().unwrap());
            x.iter_mut().for_each(|x| take(x));
            (0..tensors).for_each(|i| take(net.tensor(i)));
            let y = net.train(&x, &w).y;
            y.iter().zip(&w).map(|(y, w)| f64::from(*y) * f64::from(*w)).sum::<f64>()
        };
        let mut slope = |h: f32| (value(h) - value(-h)) / f64::from(2.0 * h);
        let numeric = (4.0 * slope(STEP) - slope(2.0 * STEP)) / 3.0;
        let terms = gradient.iter().zip(&along).map(|(g, a)| f64::from(*g) * f64::from(*a));
        let (analytic, size) =
            terms.fold((0.0, 0.0), |(sum, size): (f64, f64), x| (sum + x, size + x.abs()));
        let near = (numeric - analytic).abs() <= TOLERANCE * size;
        assert!(near, "{of}: {numeric} by values, {analytic} by the gradient, of {size}");
    }
}

/// A sample: numbers between −4 and 4 in random order, no two of which come together within two steps, and none to a corner at −3, 0 or 3.
fn apart(len: usize, rng: &mut SmallRng) -> Vec<f32> {
    let spacing = 8.0 / (len.div_ceil(8) * 8) as f32;
    assert!(spacing > 4.0 * STEP, "{len} numbers come too close");
    let mut numbers: Vec<f32> = (0..len).map(|i| (i as f32 + 0.5) * spacing - 4.0).collect();
    numbers.shuffle(rng);
    numbers
}
