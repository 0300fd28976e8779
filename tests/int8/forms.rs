//! Layer by layer: how near bytes come to numbers.

use firmnet::int8::Scale;
use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::{MixedInt8, drawn, mixed};

#[test]
fn every_layer_is_near() {
    let (net, images) = mixed();
    // What is rare is lost on purpose by the second, and the third.
    for (calibration, sqnr) in [
        (Calibration::MinMax, 34.0),
        (Calibration::Percentile(99.9), 26.0),
        (Calibration::Entropy, 26.0),
    ] {
        let bytes = MixedInt8::quantize(&net, &images, calibration);
        let report = bytes.compare(&net, &images);
        let names: Vec<_> = report.rows.iter().map(|row| row.name).collect();
        let run = ["conv1", "dw", "pw", "other", "Add", "MaxPool2d", "Sigmoid", "AvgPool2d"];
        assert_eq!(names, [&run[..], &["Sigmoid", "Concat", "fc", "Softmax"]].concat());
        assert!(report.rows.iter().all(|row| row.sqnr > sqnr), "{calibration:?}\n{report}");
    }
}

#[test]
fn numbers_go_in_and_come_out() {
    let (net, images) = mixed();
    let bytes = MixedInt8::quantize(&net, &images, Calibration::MinMax);
    let (mut x, mut y) = ([0; 432], [0.0; 10]);
    let (mut memory, mut numbers) = (MixedInt8::workspace(), Workspace::new());
    for image in &images {
        bytes.quantize_input(image, &mut x);
        // The second channel of the first pixel is the second byte.
        assert_eq!(x[1], bytes.input_scale(0).byte(image[1][0][0]));
        bytes.dequantize_output(bytes.forward(&x, &mut memory), &mut y);
        let exact = net.forward(image, &mut numbers);
        let near = y.iter().zip(exact).all(|(y, exact)| (y - exact).abs() < 0.01);
        assert!(near, "{y:?} {exact:?}");
    }
    assert_eq!(bytes.output_scale(0), Scale { scale: 1.0 / 256.0, zero: -128 });
}

network! {
    /// Activations, each by a table.
    #[quantize(i8)]
    pub struct Tables: [3, 4, 5] -> [3, 4, 5] {
        GELU, Tanh, LeakyReLU(0.2), Hardswish, ELU, SiLU, ReLU, Softplus, ReLU6,
    }
}

#[test]
fn activations_are_tables() {
    let mut rng = StdRng::seed_from_u64(1);
    let images: Vec<[[[f32; 5]; 4]; 3]> = (0..32).map(|_| drawn(&mut rng)).collect();
    let bytes = TablesInt8::quantize(&Tables::ZERO, &images, Calibration::MinMax);
    let report = bytes.compare(&Tables::ZERO, &images);
    assert_eq!(report.rows.len(), 9);
    assert!(report.rows.iter().all(|row| row.sqnr > 25.0), "{report}");
}

network! {
    /// Rows, an image whose numbers come out as they went in, and logits.
    #[quantize(i8)]
    pub struct Several {
        rows: Linear(4), image: Conv2d(2, 2), bn: BatchNorm2d, fc: Linear(3),
    }
    fn forward(x: [5, 6], y: [2, 4, 4]) -> ([5, 4], [18], [3]) {
        let image = Flatten(AdaptiveAvgPool2d(3)(bn(image(y))));
        let logits = LogSoftmax(fc(image));
        (rows(x), image, logits)
    }
}

#[test]
fn several_inputs_and_outputs() {
    let mut rng = StdRng::seed_from_u64(1);
    let net = Several::boxed(&mut rng);
    type Sample = ([[f32; 6]; 5], [[[f32; 4]; 4]; 2]);
    let samples: Vec<Sample> = (0..32)
        .map(|_| {
            let [rows] = drawn(&mut rng);
            (rows, drawn(&mut rng))
        })
        .collect();
    let bytes = SeveralInt8::quantize(&net, &samples, Calibration::MinMax);
    let report = bytes.compare(&net, &samples);
    assert!(report.rows.iter().all(|row| row.sqnr > 30.0), "{report}");
    let (mut memory, mut numbers) = (SeveralInt8::workspace(), Workspace::new());
    let mut x = ([0; 30], [0; 32]);
    bytes.quantize_input(&samples[0], &mut x);
    let (rows, image, logits) = bytes.forward(&x, &mut memory);
    let (exact_rows, exact_image, log) = net.forward(&samples[0], &mut numbers);
    let near = |o: usize, byte: i8, exact: f32| {
        let (scale, number) = (bytes.output_scale(o).scale, bytes.output_scale(o).number(byte));
        assert!((number - exact).abs() < 4.0 * scale, "output {o}: {number} {exact}");
    };
    rows.iter().zip(exact_rows.as_flattened()).for_each(|(y, exact)| near(0, *y, *exact));
    // With its channels last.
    (0..18).for_each(|i| near(1, image[i % 9 * 2 + i / 9], exact_image[i]));
    // Logarithms of probabilities less than logits by one number.
    let shift = bytes.output_scale(2).number(logits[0]) - log[0];
    logits.iter().zip(log).for_each(|(y, exact)| near(2, *y, exact + shift));
}
