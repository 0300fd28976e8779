//! Pooling: values worked out by hand, as PyTorch gives them.

use firmnet::prelude::*;

use super::gradients;

network! { struct Max: [1, 4, 4] -> [1, 2, 2] { MaxPool2d(2) } }
network! { struct MaxPadded: [1, 3, 3] -> [1, 2, 2] { MaxPool2d(3, stride = 2, padding = 1) } }
network! { struct MaxCeil: [1, 3, 3] -> [1, 2, 2] { MaxPool2d(2, ceil_mode = true) } }
network! { struct MaxCeilSmall: [1, 2, 2] -> [1, 1, 1] { MaxPool2d(3, stride = 2, ceil_mode = true) } }
network! { struct MaxDilated: [1, 3, 4] -> [1, 1, 2] { MaxPool2d(2, stride = 1, dilation = 2) } }
network! { struct Mean: [1, 2, 4] -> [1, 1, 2] { AvgPool2d(2) } }
network! { struct MeanPadded: [1, 2, 2] -> [1, 2, 2] { AvgPool2d(2, padding = 1) } }
network! { struct MeanWithin: [1, 2, 2] -> [1, 2, 2] { AvgPool2d(2, padding = 1, count_include_pad = false) } }
network! { struct MeanOfThree: [1, 2, 2] -> [1, 1, 1] { AvgPool2d(2, divisor_override = 3) } }
network! { struct MeanCeil: [1, 1, 3] -> [1, 1, 2] { AvgPool2d((1, 2), ceil_mode = true) } }
network! { struct Adaptive: [1, 1, 5] -> [1, 1, 3] { AdaptiveAvgPool2d((1, 3)) } }
network! { struct AdaptiveUp: [1, 1, 2] -> [1, 2, 3] { AdaptiveAvgPool2d((2, 3)) } }

#[test]
fn maxima() {
    let mut memory = Workspace::new();
    let x = [[
        [1.0, 2.0, 5.0, 3.0],
        [4.0, 0.0, 1.0, 2.0],
        [-1.0, -2.0, -3.0, -4.0],
        [-5.0, -6.0, -2.0, -8.0],
    ]];
    assert_eq!(*Max::ZERO.forward(&x, &mut memory), [[[4.0, 5.0], [-1.0, -2.0]]]);
    let x = [[[-1.0, -2.0, -3.0], [-4.0, -5.0, -6.0], [-7.0, -8.0, -9.0]]];
    // Padding is never the largest, not even among negative numbers.
    assert_eq!(*MaxPadded::ZERO.forward(&x, &mut memory), [[[-1.0, -2.0], [-4.0, -5.0]]]);
    assert_eq!(*MaxCeil::ZERO.forward(&x, &mut memory), [[[-1.0, -3.0], [-7.0, -9.0]]]);
    assert_eq!(*MaxCeilSmall::ZERO.forward(&[[[1.0, 4.0], [3.0, 2.0]]], &mut memory), [[[4.0]]]);
    let x = [[[1.0, 2.0, 3.0, 4.0], [9.0, 9.0, 9.0, 9.0], [0.0, 7.0, 6.0, 5.0]]];
    assert_eq!(*MaxDilated::ZERO.forward(&x, &mut memory), [[[6.0, 7.0]]]);
}

#[test]
fn what_is_not_a_number_is_the_largest() {
    let mut x = [[[1.0; 4]; 4]];
    x[0][1][0] = f32::NAN;
    let y = *Max::ZERO.forward(&x, &mut Workspace::new());
    assert!(y[0][0][0].is_nan() && y[0][0][1] == 1.0, "{y:?}");
}

#[test]
fn means() {
    let mut memory = Workspace::new();
    let x = [[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 9.0]]];
    assert_eq!(*Mean::ZERO.forward(&x, &mut memory), [[[3.5, 5.75]]]);
    let x = [[[4.0, 8.0], [12.0, 16.0]]];
    assert_eq!(*MeanPadded::ZERO.forward(&x, &mut memory), [[[1.0, 2.0], [3.0, 4.0]]]);
    assert_eq!(*MeanWithin::ZERO.forward(&x, &mut memory), x);
    assert_eq!(*MeanOfThree::ZERO.forward(&x, &mut memory), [[[40.0 / 3.0]]]);
    // The part of a window beyond the padding counts for nothing.
    assert_eq!(*MeanCeil::ZERO.forward(&[[[1.0, 2.0, 3.0]]], &mut memory), [[[1.5, 3.0]]]);
    let x = [[[1.0, 2.0, 3.0, 4.0, 5.0]]];
    assert_eq!(*Adaptive::ZERO.forward(&x, &mut memory), [[[1.5, 3.0, 4.5]]]);
    let y = *AdaptiveUp::ZERO.forward(&[[[1.0, 2.0]]], &mut memory);
    assert_eq!(y, [[[1.0, 1.5, 2.0], [1.0, 1.5, 2.0]]]);
}

network! { struct MaxPair: [2, 5, 4] -> [2, 2, 4] { MaxPool2d((3, 2), stride = (2, 1), padding = (0, 1), dilation = (1, 2), ceil_mode = true) } }
network! { struct MeanPair: [2, 5, 4] -> [2, 3, 5] { AvgPool2d((3, 2), stride = (2, 1), padding = (1, 1), ceil_mode = true, count_include_pad = false) } }
network! {
    struct Deep: [2, 6, 6] -> [2, 1, 1] {
        MaxPool2d(3, stride = 2, padding = 1), conv: Conv2d(2, 3, padding = 1), AvgPool2d(2, stride = 1), AdaptiveAvgPool2d(1),
    }
}

#[test]
fn gradients() {
    gradients::check::<Max>(2);
    gradients::check::<MaxPadded>(2);
    gradients::check::<MaxCeil>(2);
    gradients::check::<MaxCeilSmall>(2);
    gradients::check::<MaxDilated>(2);
    gradients::check::<MaxPair>(2);
    gradients::check::<Mean>(2);
    gradients::check::<MeanPadded>(2);
    gradients::check::<MeanWithin>(2);
    gradients::check::<MeanOfThree>(2);
    gradients::check::<MeanCeil>(2);
    gradients::check::<MeanPair>(2);
    gradients::check::<Adaptive>(2);
    gradients::check::<AdaptiveUp>(2);
    gradients::check::<Deep>(2);
}
