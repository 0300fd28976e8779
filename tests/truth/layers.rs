//! Layers against PyTorch, in training and in use; `cases.rs` says how near.

use std::collections::BTreeSet;
use std::path::Path;

use firmnet::prelude::*;

use super::attention;
use super::cases::Cases;
use super::net::net;
use super::recurrent;

/// A test for each file of vectors, which holds the cases that are declared here and no other.
macro_rules! layers {
    ($($file:ident { $($name:literal: [$($from:tt)*] -> [$($to:tt)*], $($layer:ident)::+ $(($($args:tt)*))?;)* })*) => {
        $(#[test]
        fn $file() {
            let mut cases = Cases::of(stringify!($file));
            $({
                network! { struct Alone: [$($from)*] -> [$($to)*] { layer: $($layer)::+ $(($($args)*))? } }
                // Between layers a plan may do more: one memory for input and output, and for their gradients.
                network! {
                    struct Between: [$($from)*] -> [$($to)*] {
                        before: Transpose(0, 0), layer: $($layer)::+ $(($($args)*))?, behind: Transpose(0, 0)
                    }
                }
                cases.check($name, &mut [net::<Alone>(), net::<Between>()]);
            })*
            cases.finish();
        })*
        const OF_ONE_INPUT: &[&str] = &[$(stringify!($file)),*];
    };
}

/// The same for layers of several inputs.
macro_rules! layers_of_several_inputs {
    ($($file:ident { $($name:literal: fn forward($($inputs:tt)*) -> [$($to:tt)*] { $($body:tt)* })* })*) => {
        $(#[test]
        fn $file() {
            let mut cases = Cases::of(stringify!($file));
            $({
                network! { struct Alone {} fn forward($($inputs)*) -> [$($to)*] { $($body)* } }
                cases.check($name, &mut [net::<Alone>()]);
            })*
            cases.finish();
        })*
        const OF_SEVERAL_INPUTS: &[&str] = &[$(stringify!($file)),*];
    };
}

layers! {
    linear {
        "plain": [5] -> [3], Linear(3);
        "no bias": [5] -> [3], Linear(3, bias = false);
        "one number": [1] -> [1], Linear(1);
        "odd and wide": [33] -> [17], Linear(17);
        "wider than a block": [70] -> [35], Linear(70 -> 35);
        "one sample": [19] -> [9], Linear(9);
        "row by row": [4, 5] -> [4, 7], Linear(7);
    }
    conv2d {
        "plain": [3, 6, 5] -> [4, 4, 3], Conv2d(4, 3);
        "no bias": [3, 6, 5] -> [4, 4, 3], Conv2d(4, 3, bias = false);
        "stride 2": [4, 9, 9] -> [8, 4, 4], Conv2d(8, 3, stride = 2);
        "padding 1": [2, 4, 5] -> [3, 4, 5], Conv2d(3, 3, padding = 1);
        "padding beyond the window": [1, 3, 3] -> [2, 8, 8], Conv2d(2, 2, padding = 3);
        "same": [2, 6, 6] -> [3, 6, 6], Conv2d(3, 5, padding = "same");
        "same, even window": [2, 4, 5] -> [3, 4, 5], Conv2d(3, (2, 4), padding = "same");
        "same, dilated": [2, 5, 5] -> [2, 5, 5], Conv2d(2, (3, 2), padding = "same", dilation = (2, 3));
        "valid": [2, 3, 4] -> [3, 2, 3], Conv2d(3, 2, padding = "valid");
        "dilation 2": [2, 7, 6] -> [3, 3, 2], Conv2d(3, 3, dilation = 2);
        "groups 2": [4, 5, 5] -> [6, 3, 3], Conv2d(6, 3, groups = 2);
        "depthwise": [4, 5, 5] -> [4, 5, 5], Conv2d(4, 3, groups = 4, padding = 1);
        "depthwise, two a channel": [3, 7, 6] -> [6, 3, 2], Conv2d(6, 3, groups = 3, stride = 2);
        "pairs": [2, 7, 6] -> [3, 3, 6], Conv2d(3, (3, 2), stride = (2, 1), padding = (0, 1), dilation = (1, 2));
        "one by one": [5, 3, 4] -> [7, 3, 4], Conv2d(7, 1);
        "one by one, stride 2": [3, 5, 4] -> [2, 3, 2], Conv2d(2, 1, stride = 2, bias = false);
        "the whole image": [2, 4, 5] -> [3, 1, 1], Conv2d(3, (4, 5));
        "a row": [2, 1, 20] -> [3, 1, 20], Conv2d(3, (1, 5), padding = (0, 2));
        "sixteen channels": [16, 7, 9] -> [16, 7, 9], Conv2d(16 -> 16, 3, padding = 1);
        "more than a block": [9, 6, 23] -> [21, 4, 11], Conv2d(21, 3, stride = (1, 2));
    }
    conv1d {
        "plain": [3, 7] -> [4, 5], Conv1d(4, 3);
        "no bias": [3, 7] -> [4, 5], Conv1d(4, 3, bias = false);
        "stride 2": [4, 10] -> [8, 4], Conv1d(8, 3, stride = 2);
        "stride beyond the kernel": [2, 10] -> [3, 3], Conv1d(3, 2, stride = 3);
        "padding 1": [2, 5] -> [3, 5], Conv1d(3, 3, padding = 1);
        "padding beyond the window": [1, 3] -> [2, 8], Conv1d(2, 2, padding = 3);
        "same": [2, 6] -> [3, 6], Conv1d(3, 5, padding = "same");
        "same, even window": [2, 5] -> [3, 5], Conv1d(3, 4, padding = "same");
        "same, dilated": [2, 11] -> [2, 11], Conv1d(2, 4, padding = "same", dilation = 3);
        "valid": [2, 4] -> [3, 3], Conv1d(3, 2, padding = "valid");
        "dilation 2": [2, 9] -> [3, 5], Conv1d(3, 3, dilation = 2);
        "groups 2": [4, 8] -> [6, 6], Conv1d(6, 3, groups = 2);
        "depthwise": [4, 8] -> [4, 8], Conv1d(4, 3, groups = 4, padding = 1);
        "depthwise, two a channel": [3, 9] -> [6, 4], Conv1d(6, 3, groups = 3, stride = 2);
        "one tap": [5, 4] -> [7, 4], Conv1d(7, 1);
        "the whole line": [2, 6] -> [3, 1], Conv1d(3, 6);
        "one channel, long": [1, 200] -> [3, 13], Conv1d(3, 40, stride = 16, padding = 20);
        "more than a block": [17, 53] -> [21, 53], Conv1d(17 -> 21, 3, padding = 1);
        "reflect": [2, 9] -> [3, 9], Conv1d(3, 5, padding = 2, padding_mode = "reflect");
        "reflect, as long as may be": [2, 4] -> [3, 8], Conv1d(3, 3, padding = 3, padding_mode = "reflect");
        "reflect, same": [2, 6] -> [3, 6], Conv1d(3, 4, padding = "same", padding_mode = "reflect");
        "reflect, stride 2": [2, 8] -> [3, 6], Conv1d(3, 5, padding = 4, stride = 2, padding_mode = "reflect");
        "reflect, dilated, groups": [4, 7] -> [6, 7],
            Conv1d(6, 3, padding = 3, dilation = 3, groups = 2, bias = false, padding_mode = "reflect");
        "reflect, without padding": [2, 6] -> [3, 4], Conv1d(3, 3, padding_mode = "reflect");
        "causal": [2, 7] -> [3, 7], Conv1d(3, 3, causal = true);
        "causal, dilated": [3, 9] -> [2, 9], Conv1d(2, 2, dilation = 4, causal = true);
        "causal, stride 2": [2, 8] -> [3, 4], Conv1d(3, 3, stride = 2, causal = true);
        "causal, longer than the line": [2, 4] -> [2, 4], Conv1d(2, 5, dilation = 2, causal = true);
        "causal, groups": [4, 6] -> [4, 6], Conv1d(4, 3, groups = 4, bias = false, causal = true);
        "causal, reflect": [2, 6] -> [3, 6], Conv1d(3, 4, padding_mode = "reflect", causal = true);
    }
    conv_transpose2d {
        "plain": [3, 4, 5] -> [4, 6, 7], ConvTranspose2d(4, 3);
        "no bias": [3, 4, 5] -> [4, 6, 7], ConvTranspose2d(4, 3, bias = false);
        "stride 2": [4, 3, 4] -> [3, 6, 8], ConvTranspose2d(3, 2, stride = 2);
        "twice as large": [5, 4, 5] -> [4, 8, 10], ConvTranspose2d(4, 4, stride = 2, padding = 1);
        "stride beyond the kernel": [2, 3, 4] -> [3, 8, 11], ConvTranspose2d(3, 2, stride = 3);
        "padding 1": [2, 4, 5] -> [3, 4, 5], ConvTranspose2d(3, 3, padding = 1);
        "output padding": [2, 4, 3] -> [3, 8, 6], ConvTranspose2d(3, 3, stride = 2, padding = 1, output_padding = 1);
        "output padding beyond the kernel": [2, 2, 3] -> [2, 11, 16], ConvTranspose2d(2, 2, stride = 5, output_padding = 4);
        "output padding, dilated": [2, 3, 2] -> [2, 8, 7], ConvTranspose2d(2, 2, dilation = 3, output_padding = 2);
        "dilation 2": [2, 4, 3] -> [3, 8, 7], ConvTranspose2d(3, 3, dilation = 2);
        "dilation 2, stride 2": [2, 3, 4] -> [3, 9, 11], ConvTranspose2d(3, 3, dilation = 2, stride = 2);
        "dilation 3, stride 2": [2, 3, 4] -> [3, 7, 9], ConvTranspose2d(3, 3, dilation = 3, stride = 2, padding = 2);
        "groups 2": [4, 3, 4] -> [6, 5, 6], ConvTranspose2d(6, 3, groups = 2);
        "depthwise": [4, 4, 4] -> [4, 7, 7], ConvTranspose2d(4, 3, groups = 4, stride = 2, padding = 1);
        "depthwise, two a channel": [3, 3, 3] -> [6, 6, 6], ConvTranspose2d(6, 2, groups = 3, stride = 2);
        "pairs": [2, 3, 4] -> [3, 8, 13],
            ConvTranspose2d(3, (3, 2), stride = (2, 3), padding = (1, 0), output_padding = (1, 2), dilation = (2, 1));
        "one by one": [5, 3, 4] -> [7, 3, 4], ConvTranspose2d(7, 1);
        "from one pixel": [10, 1, 1] -> [6, 4, 4], ConvTranspose2d(10 -> 6, 4);
        "more than a block": [9, 3, 9] -> [11, 6, 18], ConvTranspose2d(11, 4, stride = 2, padding = 1);
    }
    upsample {
        "twice": [3, 3, 4] -> [3, 6, 8], Upsample(scale_factor = 2);
        "a pair": [2, 2, 3] -> [2, 6, 6], Upsample(scale_factor = (3, 2));
        "one and a half": [2, 5, 4] -> [2, 7, 6], Upsample(scale_factor = 1.5);
        "half": [2, 5, 6] -> [2, 2, 3], Upsample(scale_factor = 0.5);
        "size": [2, 3, 4] -> [2, 5, 7], Upsample((5, 7));
        "smaller size": [2, 7, 8] -> [2, 3, 3], Upsample(size = 3);
        "from one pixel": [4, 1, 1] -> [4, 3, 5], Upsample((3, 5));
        "bilinear, twice": [3, 3, 4] -> [3, 6, 8], Upsample(scale_factor = 2, mode = "bilinear");
        "bilinear, a pair": [2, 3, 5] -> [2, 7, 6], Upsample(scale_factor = (2.5, 1.3), mode = "bilinear");
        "bilinear, half": [2, 5, 6] -> [2, 2, 3], Upsample(scale_factor = 0.5, mode = "bilinear");
        "bilinear, size": [2, 3, 4] -> [2, 5, 7], Upsample((5, 7), mode = "bilinear");
        "bilinear, smaller size": [2, 7, 8] -> [2, 3, 2], Upsample((3, 2), mode = "bilinear");
        "bilinear, from one pixel": [4, 1, 1] -> [4, 3, 5], Upsample((3, 5), mode = "bilinear");
        "corners": [3, 3, 4] -> [3, 6, 8], Upsample(scale_factor = 2, mode = "bilinear", align_corners = true);
        "corners, size": [2, 3, 4] -> [2, 5, 7], Upsample((5, 7), mode = "bilinear", align_corners = true);
        "corners, smaller size": [2, 7, 8] -> [2, 3, 4], Upsample((3, 4), mode = "bilinear", align_corners = true);
        "corners, to one pixel": [2, 3, 4] -> [2, 1, 1], Upsample(1, mode = "bilinear", align_corners = true);
    }
    zero_pad2d {
        "one number": [3, 3, 4] -> [3, 7, 8], ZeroPad2d(2);
        "four": [2, 3, 2] -> [2, 6, 5], ZeroPad2d((1, 2, 3, 0));
        "none": [2, 3, 2] -> [2, 3, 2], ZeroPad2d(0);
        "one side": [2, 1, 1] -> [2, 6, 1], ZeroPad2d((0, 0, 0, 5));
    }
    reflection_pad1d {
        "one number": [3, 5] -> [3, 9], ReflectionPad1d(2);
        "two": [2, 4] -> [2, 7], ReflectionPad1d((0, 3));
        "as many as there are": [2, 5] -> [2, 13], ReflectionPad1d((4, 4));
    }
    reflection_pad2d {
        "one number": [3, 3, 4] -> [3, 7, 8], ReflectionPad2d(2);
        "four": [2, 3, 4] -> [2, 5, 8], ReflectionPad2d((1, 3, 2, 0));
        "as many as there are": [2, 5, 4] -> [2, 13, 10], ReflectionPad2d((3, 3, 4, 4));
        "a row": [2, 1, 3] -> [2, 1, 6], ReflectionPad2d((2, 1, 0, 0));
    }
    mean {
        "a sequence": [5, 7] -> [7], Mean;
        "one step": [1, 4] -> [4], Mean;
        "one feature": [9, 1] -> [1], Mean;
        "more than a vector": [12, 37] -> [37], Mean;
        "three axes": [4, 3, 2] -> [3, 2], Mean;
        "equal steps": [9, 5] -> [5], Mean;
    }
    max {
        "a sequence": [5, 7] -> [7], Max;
        "one step": [1, 4] -> [4], Max;
        "one feature": [9, 1] -> [1], Max;
        "more than a vector": [12, 37] -> [37], Max;
        "three axes": [4, 3, 2] -> [3, 2], Max;
        "equal steps": [9, 5] -> [5], Max;
    }
    last {
        "a sequence": [5, 7] -> [7], Last;
        "one step": [1, 4] -> [4], Last;
        "one feature": [9, 1] -> [1], Last;
        "more than a vector": [12, 37] -> [37], Last;
        "three axes": [4, 3, 2] -> [3, 2], Last;
        "equal steps": [9, 5] -> [5], Last;
    }
    max_pool1d {
        "plain": [3, 6] -> [3, 3], MaxPool1d(2);
        "what is left over": [2, 8] -> [2, 2], MaxPool1d(3);
        "stride 1": [2, 6] -> [2, 4], MaxPool1d(3, stride = 1);
        "padding, all below zero": [2, 7] -> [2, 4], MaxPool1d(3, stride = 2, padding = 1);
        "dilation 2": [2, 8] -> [2, 4], MaxPool1d(3, stride = 1, dilation = 2);
        "ceil mode": [2, 6] -> [2, 3], MaxPool1d(3, stride = 2, ceil_mode = true);
        "ceil mode, padding": [1, 7] -> [1, 3], MaxPool1d(3, stride = 3, padding = 1, ceil_mode = true);
        "ceil mode, a window too many": [1, 4] -> [1, 2], MaxPool1d(1, stride = 2, ceil_mode = true);
        "ties": [2, 15] -> [2, 7], MaxPool1d(3, stride = 2);
        "ties, two": [3, 36] -> [3, 18], MaxPool1d(2);
    }
    avg_pool1d {
        "plain": [3, 6] -> [3, 3], AvgPool1d(2);
        "what is left over": [2, 8] -> [2, 2], AvgPool1d(3);
        "stride 1": [2, 6] -> [2, 4], AvgPool1d(3, stride = 1);
        "padding": [2, 6] -> [2, 3], AvgPool1d(3, stride = 2, padding = 1);
        "padding not counted": [2, 6] -> [2, 3], AvgPool1d(3, stride = 2, padding = 1, count_include_pad = false);
        "ceil mode": [2, 6] -> [2, 3], AvgPool1d(3, stride = 2, ceil_mode = true);
        "ceil mode, padding": [1, 7] -> [1, 3], AvgPool1d(3, stride = 3, padding = 1, ceil_mode = true);
        "ceil mode, padding not counted": [1, 5] -> [1, 3],
            AvgPool1d(2, stride = 2, padding = 1, ceil_mode = true, count_include_pad = false);
    }
    adaptive_avg_pool1d {
        "to one": [3, 5] -> [3, 1], AdaptiveAvgPool1d(1);
        "even": [2, 6] -> [2, 2], AdaptiveAvgPool1d(2);
        "uneven": [2, 7] -> [2, 3], AdaptiveAvgPool1d(3);
        "to more than there is": [1, 3] -> [1, 5], AdaptiveAvgPool1d(5);
    }
    max_pool2d {
        "plain": [3, 4, 6] -> [3, 2, 3], MaxPool2d(2);
        "what is left over": [2, 5, 7] -> [2, 2, 3], MaxPool2d(2);
        "stride 1": [2, 5, 5] -> [2, 3, 3], MaxPool2d(3, stride = 1);
        "padding, all below zero": [2, 5, 6] -> [2, 3, 3], MaxPool2d(3, stride = 2, padding = 1);
        "dilation 2": [2, 5, 4] -> [2, 3, 2], MaxPool2d(2, stride = 1, dilation = 2);
        "ceil mode": [2, 6, 6] -> [2, 3, 3], MaxPool2d(3, stride = 2, ceil_mode = true);
        "ceil mode, padding": [1, 6, 7] -> [1, 3, 3], MaxPool2d(3, stride = 3, padding = 1, ceil_mode = true);
        "ceil mode, a window too many": [1, 2, 4] -> [1, 1, 2], MaxPool2d(1, stride = 2, ceil_mode = true);
        "pairs": [2, 6, 6] -> [2, 3, 4], MaxPool2d((3, 2), stride = (2, 1), padding = (1, 0), dilation = (1, 2));
        "ties": [2, 7, 7] -> [2, 3, 3], MaxPool2d(3, stride = 2);
        "ties, two by two": [2, 4, 36] -> [2, 2, 18], MaxPool2d(2);
    }
    avg_pool2d {
        "plain": [3, 4, 6] -> [3, 2, 3], AvgPool2d(2);
        "what is left over": [2, 5, 7] -> [2, 2, 3], AvgPool2d(2);
        "stride 1": [2, 5, 5] -> [2, 3, 3], AvgPool2d(3, stride = 1);
        "padding": [2, 5, 6] -> [2, 3, 3], AvgPool2d(3, stride = 2, padding = 1);
        "padding not counted": [2, 5, 6] -> [2, 3, 3], AvgPool2d(3, stride = 2, padding = 1, count_include_pad = false);
        "ceil mode": [2, 6, 6] -> [2, 3, 3], AvgPool2d(3, stride = 2, ceil_mode = true);
        "ceil mode, padding": [1, 6, 7] -> [1, 3, 3], AvgPool2d(3, stride = 3, padding = 1, ceil_mode = true);
        "ceil mode, padding not counted": [1, 4, 5] -> [1, 3, 3],
            AvgPool2d(2, stride = 2, padding = 1, ceil_mode = true, count_include_pad = false);
        "divisor": [2, 4, 4] -> [2, 2, 2], AvgPool2d(2, divisor_override = 3);
        "pairs": [2, 6, 5] -> [2, 3, 4], AvgPool2d((3, 2), stride = (2, 1), padding = (1, 0));
    }
    adaptive_avg_pool2d {
        "to one": [3, 4, 5] -> [3, 1, 1], AdaptiveAvgPool2d(1);
        "even": [2, 4, 6] -> [2, 2, 2], AdaptiveAvgPool2d(2);
        "a pair, uneven": [2, 5, 7] -> [2, 2, 3], AdaptiveAvgPool2d((2, 3));
        "to more than there is": [1, 3, 2] -> [1, 4, 5], AdaptiveAvgPool2d((4, 5));
    }
    flatten {
        "an image": [2, 3, 4] -> [24], Flatten;
        "a row": [5] -> [5], Flatten;
    }
    reshape {
        "a row to a matrix": [12] -> [3, 4], Reshape([3, 4]);
        "an image to rows": [2, 3, 4] -> [4, 6], Reshape([4, 6]);
        "four axes": [4, 6] -> [2, 3, 2, 2], Reshape([2, 3, 2, 2]);
    }
    transpose {
        "a matrix": [3, 5] -> [5, 3], Transpose(0, 1);
        "first and last": [3, 4, 5] -> [5, 4, 3], Transpose(0, -1);
        "last two": [3, 4, 5] -> [3, 5, 4], Transpose(-2, -1);
        "four axes": [2, 3, 2, 5] -> [2, 5, 2, 3], Transpose(3, 1);
    }
    slice {
        "a row": [7] -> [3], Slice(2, 5);
        "channels": [4, 3, 2] -> [2, 3, 2], Slice(1, 3);
        "columns": [2, 3, 5] -> [2, 3, 3], Slice(0, 3, dim = -1);
        "an axis in the middle": [2, 3, 4] -> [2, 1, 4], Slice(1, 2, dim = 1);
    }
    identity {
        "a matrix": [3, 4] -> [3, 4], Identity;
    }
    batch_norm {
        "new, 3": [3] -> [3], BatchNorm1d;
        "plain, 3": [3] -> [3], BatchNorm1d;
        "eps, 3": [3] -> [3], BatchNorm1d(eps = 0.5);
        "momentum, 3": [3] -> [3], BatchNorm1d(momentum = 0.75);
        "not affine, 3": [3] -> [3], BatchNorm1d(affine = false);
        "not tracked, 3": [3] -> [3], BatchNorm1d(track_running_stats = false);
        "new, 3x5": [3, 5] -> [3, 5], BatchNorm1d;
        "plain, 3x5": [3, 5] -> [3, 5], BatchNorm1d;
        "eps, 3x5": [3, 5] -> [3, 5], BatchNorm1d(eps = 0.5);
        "momentum, 3x5": [3, 5] -> [3, 5], BatchNorm1d(momentum = 0.75);
        "not affine, 3x5": [3, 5] -> [3, 5], BatchNorm1d(affine = false);
        "not tracked, 3x5": [3, 5] -> [3, 5], BatchNorm1d(track_running_stats = false);
        "new, 3x4x2": [3, 4, 2] -> [3, 4, 2], BatchNorm2d;
        "plain, 3x4x2": [3, 4, 2] -> [3, 4, 2], BatchNorm2d;
        "eps, 3x4x2": [3, 4, 2] -> [3, 4, 2], BatchNorm2d(eps = 0.5);
        "momentum, 3x4x2": [3, 4, 2] -> [3, 4, 2], BatchNorm2d(momentum = 0.75);
        "not affine, 3x4x2": [3, 4, 2] -> [3, 4, 2], BatchNorm2d(affine = false);
        "not tracked, 3x4x2": [3, 4, 2] -> [3, 4, 2], BatchNorm2d(track_running_stats = false);
    }
    layer_norm {
        "new": [6] -> [6], LayerNorm;
        "a row": [19] -> [19], LayerNorm(19);
        "steps": [5, 8] -> [5, 8], LayerNorm;
        "many steps of few": [50, 3] -> [50, 3], LayerNorm([3]);
        "eps": [3, 7] -> [3, 7], LayerNorm(eps = 0.5);
        "not affine": [3, 7] -> [3, 7], LayerNorm(elementwise_affine = false);
        "no bias": [3, 33] -> [3, 33], LayerNorm(bias = false);
        "two axes": [2, 3, 5] -> [2, 3, 5], LayerNorm([3, 5]);
        "an image": [2, 3, 4] -> [2, 3, 4], LayerNorm([2, 3, 4]);
        "all alike": [4] -> [4], LayerNorm;
    }
    rms_norm {
        "new": [6] -> [6], RMSNorm;
        "a row": [19] -> [19], RMSNorm(19);
        "steps": [5, 8] -> [5, 8], RmsNorm;
        "eps": [3, 7] -> [3, 7], RMSNorm(eps = 0.5);
        "not affine": [3, 7] -> [3, 7], RMSNorm(elementwise_affine = false);
        "two axes": [2, 3, 5] -> [2, 3, 5], RMSNorm([3, 5], eps = 1e-6);
    }
    group_norm {
        "new": [6, 3, 2] -> [6, 3, 2], GroupNorm(2);
        "an image": [4, 5, 3] -> [4, 5, 3], GroupNorm(2, 4);
        "one group": [4, 3, 2] -> [4, 3, 2], GroupNorm(1);
        "a group for each channel": [3, 4, 4] -> [3, 4, 4], GroupNorm(3);
        "a row": [12] -> [12], GroupNorm(3);
        "a line": [6, 9] -> [6, 9], GroupNorm(2);
        "eps": [4, 3] -> [4, 3], GroupNorm(2, eps = 0.5);
        "not affine": [4, 3, 3] -> [4, 3, 3], GroupNorm(2, affine = false);
    }
    instance_norm {
        "a line": [3, 7] -> [3, 7], InstanceNorm1d;
        "a line, affine": [3, 5] -> [3, 5], InstanceNorm1d(affine = true);
        "a line, tracked": [3, 5] -> [3, 5], InstanceNorm1d(track_running_stats = true);
        "an image": [3, 4, 5] -> [3, 4, 5], InstanceNorm2d(3);
        "an image, affine": [2, 4, 5] -> [2, 4, 5], InstanceNorm2d(affine = true);
        "eps": [2, 3, 3] -> [2, 3, 3], InstanceNorm2d(eps = 0.5);
        "affine, tracked": [2, 3, 4] -> [2, 3, 4], InstanceNorm2d(momentum = 0.75, affine = true, track_running_stats = true);
    }
    dropout {
        "none": [3, 5] -> [3, 5], Dropout(0.0);
    }
    dropout2d {
        "none": [3, 2, 4] -> [3, 2, 4], Dropout2d(0.0);
    }
    relu {
        "plain": [2, 3, 4] -> [2, 3, 4], ReLU;
    }
    relu6 {
        "plain": [2, 3, 4] -> [2, 3, 4], ReLU6;
    }
    leaky_relu {
        "plain": [2, 3, 4] -> [2, 3, 4], LeakyReLU;
        "steep": [2, 3, 4] -> [2, 3, 4], LeakyReLU(negative_slope = 0.5);
        "negative": [2, 3, 4] -> [2, 3, 4], LeakyReLU(negative_slope = -0.25);
    }
    prelu {
        "new": [2, 3, 4] -> [2, 3, 4], PReLU;
        "one": [2, 3, 4] -> [2, 3, 4], PReLU;
        "each channel": [3, 2, 5] -> [3, 2, 5], PReLU(num_parameters = 3);
        "each feature": [4] -> [4], PReLU(num_parameters = 4);
        "first value": [2, 3] -> [2, 3], PReLU(num_parameters = 2, init = -0.5);
    }
    elu {
        "plain": [2, 3, 4] -> [2, 3, 4], ELU;
        "alpha": [2, 3, 4] -> [2, 3, 4], ELU(alpha = 0.3);
        "large alpha": [2, 3, 4] -> [2, 3, 4], ELU(alpha = 2.5);
    }
    selu {
        "plain": [2, 3, 4] -> [2, 3, 4], SELU;
    }
    gelu {
        "plain": [2, 3, 4] -> [2, 3, 4], GELU;
        "tanh": [2, 3, 4] -> [2, 3, 4], GELU(approximate = "tanh");
    }
    silu {
        "plain": [2, 3, 4] -> [2, 3, 4], SiLU;
    }
    sigmoid {
        "plain": [2, 3, 4] -> [2, 3, 4], Sigmoid;
    }
    tanh {
        "plain": [2, 3, 4] -> [2, 3, 4], Tanh;
    }
    sqrt {
        "plain": [2, 3, 4] -> [2, 3, 4], Sqrt;
    }
    softplus {
        "plain": [2, 3, 4] -> [2, 3, 4], Softplus;
        "beta": [2, 3, 4] -> [2, 3, 4], Softplus(beta = 2.5);
        "threshold": [2, 3, 4] -> [2, 3, 4], Softplus(beta = 0.5, threshold = 1.0);
    }
    hardswish {
        "plain": [2, 3, 4] -> [2, 3, 4], Hardswish;
    }
    hardsigmoid {
        "plain": [2, 3, 4] -> [2, 3, 4], Hardsigmoid;
    }
    softmax {
        "a row": [7] -> [7], Softmax;
        "one number": [1] -> [1], Softmax;
        "far apart": [3] -> [3], Softmax(dim = 0);
        "last axis": [2, 3, 5] -> [2, 3, 5], Softmax;
        "channels": [4, 2, 3] -> [4, 2, 3], Softmax(dim = 0);
        "an axis in the middle": [2, 5, 3] -> [2, 5, 3], Softmax(dim = 1);
        "more than a vector": [37] -> [37], Softmax(dim = -1);
    }
    log_softmax {
        "a row": [7] -> [7], LogSoftmax;
        "one number": [1] -> [1], LogSoftmax;
        "far apart": [3] -> [3], LogSoftmax(dim = 0);
        "last axis": [2, 3, 5] -> [2, 3, 5], LogSoftmax;
        "channels": [4, 2, 3] -> [4, 2, 3], LogSoftmax(dim = 0);
        "an axis in the middle": [2, 5, 3] -> [2, 5, 3], LogSoftmax(dim = 1);
        "more than a vector": [37] -> [37], LogSoftmax(dim = -1);
    }
}

layers_of_several_inputs! {
    concat {
        "rows": fn forward(a: [2], b: [5]) -> [7] { Concat(a, b) }
        "channels": fn forward(a: [1, 2, 3], b: [3, 2, 3], c: [2, 2, 3]) -> [6, 2, 3] { Concat(a, b, c, dim = 0) }
        "last axis": fn forward(a: [2, 3], b: [2, 4]) -> [2, 7] { Concat(a, b, dim = -1) }
        "an axis in the middle": fn forward(a: [2, 1, 3], b: [2, 2, 3]) -> [2, 3, 3] { Concat(a, b, dim = 1) }
    }
    detach {
        "half of a sum": fn forward(a: [3, 4], b: [3, 4]) -> [3, 4] { Detach(a) + b }
    }
    add {
        "two": fn forward(a: [3, 4], b: [3, 4]) -> [3, 4] { a + b }
        "three": fn forward(a: [19], b: [19], c: [19]) -> [19] { Add(a, b, c) }
    }
    mul {
        "two": fn forward(a: [3, 4], b: [3, 4]) -> [3, 4] { a * b }
        "three": fn forward(a: [19], b: [19], c: [19]) -> [19] { Mul(a, b, c) }
        "a number for each channel": fn forward(a: [3, 4, 5], b: [3, 1, 1]) -> [3, 4, 5] { a * b }
        "a number for each row, first": fn forward(a: [3, 1], b: [3, 19]) -> [3, 19] { a * b }
        "one number": fn forward(a: [1], b: [9]) -> [9] { a * b }
    }
}

/// Every layer that firmnet exports has a file of vectors, and every file a test.
#[test]
fn every_layer_has_vectors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let registry = std::fs::read_to_string(root.join("runtime/src/layers/mod.rs")).unwrap();
    let exported = registry.lines().filter_map(|line| line.strip_prefix("pub use "));
    let exported: BTreeSet<&str> =
        exported.filter_map(|path| Some(path.split_once("::")?.0)).collect();
    let tested = [OF_ONE_INPUT, OF_SEVERAL_INPUTS, recurrent::FILES, attention::FILES].concat();
    let tested: BTreeSet<&str> = tested.into_iter().collect();
    let files = std::fs::read_dir(root.join("tests/vectors/layers")).unwrap();
    let files: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let files: BTreeSet<&str> = files.iter().map(|file| file.trim_end_matches(".json")).collect();
    assert!(exported.len() > 20, "these are not all layers: {exported:?}");
    let missing: Vec<_> = exported.difference(&tested).collect();
    assert!(missing.is_empty(), "layers without vectors from PyTorch: {missing:?}");
    let unused: Vec<_> = files.difference(&tested).collect();
    assert!(unused.is_empty(), "vectors that no test reads: {unused:?}");
}
