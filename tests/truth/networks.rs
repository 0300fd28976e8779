//! Networks of several layers against PyTorch: blocks used within networks, and layers along sequences that are not all as long.

use firmnet::prelude::*;

use super::net::{Net, net};
use super::vectors::{Case, assert_close, cases};

const FORWARD: f32 = 1e-6;
const GRADIENTS: f32 = 1e-5;

network! {
    /// MobileNet (arXiv:1704.04861), figure 3: each channel on its own, then all at each place.
    pub struct Separable {
        depthwise: Conv2d(6, 3, padding = 1, groups = 6, bias = false), norm1: BatchNorm2d,
        pointwise: Conv2d(8, 1, bias = false), norm2: BatchNorm2d,
    }
    fn forward(x: [6, 6, 6]) -> [8, 6, 6] {
        ReLU(norm2(pointwise(ReLU(norm1(depthwise(x))))))
    }
}

network! {
    /// MobileNetV2 (arXiv:1801.04381), figure 4: narrow, wide, narrow.
    pub struct InvertedResidual {
        expand: Conv2d(24, 1, bias = false), norm1: BatchNorm2d,
        depthwise: Conv2d(24, 3, padding = 1, groups = 24, bias = false), norm2: BatchNorm2d,
        project: Conv2d(8, 1, bias = false), norm3: BatchNorm2d,
    }
    fn forward(x: [8, 6, 6]) -> [8, 6, 6] {
        let wide = ReLU6(norm2(depthwise(ReLU6(norm1(expand(x))))));
        x + norm3(project(wide))
    }
}

network! {
    /// The same where the shape changes.
    pub struct Smaller: [8, 6, 6] -> [10, 3, 3] {
        expand: Conv2d(24, 1, bias = false), norm1: BatchNorm2d, ReLU6,
        depthwise: Conv2d(24, 3, stride = 2, padding = 1, groups = 24, bias = false), norm2: BatchNorm2d, ReLU6,
        project: Conv2d(10, 1, bias = false), norm3: BatchNorm2d,
    }
}

network! {
    /// Squeeze-and-excitation (arXiv:1709.01507), figure 2: what all of the image says about how much each channel counts.
    pub struct SqueezeExcitation {
        fc1: Conv2d(2, 1), fc2: Conv2d(8, 1),
    }
    fn forward(x: [8, 6, 6]) -> [8, 6, 6] {
        x * Sigmoid(fc2(ReLU(fc1(AdaptiveAvgPool2d(1)(x)))))
    }
}

network! {
    pub struct Small: [3, 12, 12] -> [5] {
        stem: Conv2d(6, 3, stride = 2, padding = 1),
        separable: Separable, squeeze: SqueezeExcitation, block1: InvertedResidual, block2: Smaller,
        AdaptiveAvgPool2d(1), Flatten, head: Linear(5),
    }
}

network! {
    /// From numbers to an image, as a generator does.
    pub struct Decoder: [12] -> [2, 12, 12] {
        Reshape([12, 1, 1]), up1: ConvTranspose2d(6, 3), ReLU,
        ReflectionPad2d(1), up2: ConvTranspose2d(4, 4, stride = 2, padding = 3), LeakyReLU(0.2),
        smooth: Conv2d(4, 3, padding = 1, bias = false), Upsample(scale_factor = 2, mode = "bilinear"),
        ZeroPad2d(1), out: Conv2d(2, 3), Tanh,
    }
}

#[test]
fn blocks() {
    let mut left = cases("blocks.json");
    check(&mut left, "separable", net::<Separable>());
    check(&mut left, "inverted residual", net::<InvertedResidual>());
    check(&mut left, "inverted residual, smaller", net::<Smaller>());
    check(&mut left, "squeeze and excitation", net::<SqueezeExcitation>());
    check(&mut left, "small", net::<Small>());
    check(&mut left, "decoder", net::<Decoder>());
    assert!(left.is_empty(), "blocks that nobody declares");
}

macro_rules! sequences {
    ($($name:literal: $from:tt -> $to:tt, { $($layers:tt)* }, $body:expr;)*) => {
        #[test]
        fn sequences() {
            let mut left = cases("sequences.json");
            $({
                network! { struct Net { $($layers)* } fn forward(x: $from) -> $to { $body } }
                check(&mut left, $name, net::<Net>());
            })*
            assert!(left.is_empty(), "sequences that nobody declares");
        }
    };
}

// The steps come first in what comes in, and behind the channels in a convolution.
sequences! {
    "same": [..9, 3] -> [..9, 4], { conv: Conv1d(4, 3, padding = "same") }, Transpose(0, 1)(conv(Transpose(0, 1)(x)));
    "same, even window": [..9, 3] -> [..9, 4], { conv: Conv1d(4, 4, padding = "same", bias = false) },
        Transpose(0, 1)(conv(Transpose(0, 1)(x)));
    "valid": [..9, 3] -> [..7, 5], { conv: Conv1d(5, 3) }, Transpose(0, 1)(conv(Transpose(0, 1)(x)));
    "stride 2": [..9, 3] -> [..5, 4], { conv: Conv1d(4, 3, stride = 2, padding = 1) },
        Transpose(0, 1)(conv(Transpose(0, 1)(x)));
    "stride 3, groups": [..9, 4] -> [..4, 6], { conv: Conv1d(6, 3, stride = 3, padding = 2, groups = 2) },
        Transpose(0, 1)(conv(Transpose(0, 1)(x)));
    "causal": [..9, 3] -> [..9, 4], { conv: Conv1d(4, 3, causal = true) }, Transpose(0, 1)(conv(Transpose(0, 1)(x)));
    "causal, dilated": [..9, 3] -> [..9, 4], { conv: Conv1d(4, 2, dilation = 4, causal = true) },
        Transpose(0, 1)(conv(Transpose(0, 1)(x)));
    "reflect": [..9, 3] -> [..9, 4], { conv: Conv1d(4, 3, padding = 1, padding_mode = "reflect") },
        Transpose(0, 1)(conv(Transpose(0, 1)(x)));
    "one tap": [..9, 3] -> [..9, 2], { conv: Conv1d(2, 1) }, Transpose(0, 1)(conv(Transpose(0, 1)(x)));
    "max pool": [..9, 3] -> [..4, 3], {}, Transpose(0, 1)(MaxPool1d(2)(Transpose(0, 1)(x)));
    "max pool, padding": [..9, 3] -> [..5, 3], {},
        Transpose(0, 1)(MaxPool1d(3, stride = 2, padding = 1)(Transpose(0, 1)(x)));
    "average pool": [..9, 3] -> [..5, 3], {},
        Transpose(0, 1)(AvgPool1d(3, stride = 2, padding = 1, count_include_pad = false)(Transpose(0, 1)(x)));
    "adaptive pool": [..9, 3] -> [2, 3], {}, Transpose(0, 1)(AdaptiveAvgPool1d(2)(Transpose(0, 1)(x)));
    "one after the other": [..9, 3] -> [..5, 5], { conv1: Conv1d(4, 3, stride = 2, padding = 1), conv2: Conv1d(5, 2) },
        Transpose(0, 1)(AvgPool1d(2, stride = 1, padding = 1)(conv2(conv1(Transpose(0, 1)(x)))));
    "mean": [..9, 3] -> [3], {}, Mean(x);
    "max": [..9, 3] -> [3], {}, Max(x);
    "last": [..9, 3] -> [3], {}, Last(x);
    "a vote": [..9, 3] -> [2], { conv: Conv1d(6, 3, stride = 2, padding = 1), head: Linear(2) },
        head(Max(ReLU(Transpose(0, 1)(conv(Transpose(0, 1)(x))))));
    "batch norm": [..9, 3] -> [..9, 3], { norm: BatchNorm1d },
        Transpose(0, 1)(norm(Transpose(0, 1)(x)));
    "batch norm, eps, momentum": [..9, 5] -> [..9, 5], { norm: BatchNorm1d(eps = 0.5, momentum = 0.75) },
        Transpose(0, 1)(norm(Transpose(0, 1)(x)));
    "batch norm, not affine": [..9, 3] -> [..9, 3], { norm: BatchNorm1d(affine = false) },
        Transpose(0, 1)(norm(Transpose(0, 1)(x)));
    "batch norm, not tracked": [..9, 3] -> [..9, 3], { norm: BatchNorm1d(track_running_stats = false) },
        Transpose(0, 1)(norm(Transpose(0, 1)(x)));
    "batch norm, a step each": [..9, 3] -> [..9, 3], { norm: BatchNorm1d(3) },
        Transpose(0, 1)(norm(Transpose(0, 1)(x)));
    "batch norm, one sequence": [..9, 3] -> [..9, 3], { norm: BatchNorm1d },
        Transpose(0, 1)(norm(Transpose(0, 1)(x)));
    "batch norm, all as long": [..9, 3] -> [..9, 3], { norm: BatchNorm1d },
        Transpose(0, 1)(norm(Transpose(0, 1)(x)));
    "batch norm, between": [..9, 3] -> [..5, 4],
        { conv1: Conv1d(6, 3, stride = 2, padding = 1, bias = false), norm: BatchNorm1d, conv2: Conv1d(4, 1) },
        Transpose(0, 1)(conv2(ReLU(norm(conv1(Transpose(0, 1)(x))))));
    "instance norm": [..9, 3] -> [..9, 3], {}, Transpose(0, 1)(InstanceNorm1d(Transpose(0, 1)(x)));
    "instance norm, affine": [..9, 3] -> [..9, 3], { norm: InstanceNorm1d(eps = 0.5, affine = true) },
        Transpose(0, 1)(norm(Transpose(0, 1)(x)));
    "group norm": [..9, 6] -> [..9, 6], { norm: GroupNorm(2) },
        Transpose(0, 1)(norm(Transpose(0, 1)(x)));
    "group norm, a group for all": [..9, 3] -> [..9, 3], { norm: GroupNorm(1, eps = 0.5) },
        Transpose(0, 1)(norm(Transpose(0, 1)(x)));
    "group norm, not affine": [..9, 4] -> [..9, 4], {}, Transpose(0, 1)(GroupNorm(2, affine = false)(Transpose(0, 1)(x)));
}

/// The case of this name: one step in training, then the output in use.
fn check(left: &mut Vec<Case>, name: &str, mut net: Box<dyn Net>) {
    let at = left.iter().position(|case| case.text("name") == name).expect(name);
    let (case, names) = (left.swap_remove(at), net.names());
    let at = |tensor: &str| names.iter().position(|other| *other == tensor).expect(tensor);
    let state = case.dictionary("state");
    assert_eq!(state.len(), names.len(), "{name}: as many tensors as PyTorch has");
    for (tensor, numbers) in &state {
        net.tensor(at(tensor)).copy_from_slice(numbers);
    }
    let lengths = if case.get("lengths").is_some() { case.indices("lengths") } else { vec![] };
    let x = case.list("x");
    let step = net.train_lengths(&x, &lengths, &case.numbers("dy"));
    assert_close(&step.y, &case.numbers("y"), FORWARD, &format!("{name}: y"));
    assert_close(&step.dx[0], &case.list("dx")[0], GRADIENTS, &format!("{name}: dx"));
    // A normalisation undoes what the one before it scales by: such gradients are small differences of large numbers. All are
    // judged by the largest.
    let grads = case.dictionary("grads");
    let scale = grads.iter().flat_map(|(_, grad)| grad).fold(0.0_f32, |most, x| most.max(x.abs()));
    for (tensor, expected) in grads {
        for (found, expected) in step.grads[at(&tensor)].iter().zip(expected) {
            let near = (found - expected).abs() <= GRADIENTS * scale;
            assert!(
                near,
                "{name}: a gradient of {tensor} is {found}, not {expected} (scale {scale})"
            );
        }
    }
    for (tensor, expected) in case.dictionary("state_after") {
        assert_close(net.tensor(at(&tensor)), &expected, FORWARD, &format!("{name}: {tensor}"));
    }
    let samples = if lengths.is_empty() { samples(&case) } else { lengths.len() };
    let used = &net.forward_lengths(samples, &x, &lengths)[0];
    assert_close(used, &case.numbers("y_eval"), FORWARD, &format!("{name}: y in use"));
}

fn samples(case: &Case) -> usize {
    case.get("y").and_then(|y| y.as_array()).expect("a batch").len()
}
