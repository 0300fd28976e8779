//! The code of the chapter *Quantisation*.

use firmnet::int8::Report;
use firmnet::prelude::*;
use rand::{RngExt, SeedableRng, rngs::StdRng};

// ANCHOR: network
network! {
    /// Is the motor well? From a spectrogram of its vibration.
    #[quantize(i8)]
    pub struct Motor: [1, 16, 8] -> [2] {
        conv1: Conv2d(8, 3, padding = 1), bn1: BatchNorm2d, ReLU, MaxPool2d(2),
        conv2: Conv2d(8, 3, padding = 1), bn2: BatchNorm2d, ReLU,
        AdaptiveAvgPool2d(1), Flatten,
        fc: Linear(2),
    }
}
// ANCHOR_END: network

type Spectrogram = [[[f32; 8]; 16]; 1];

// ANCHOR: quantise
/// The network in bytes, and how far each of its layers is from the one that was trained.
fn quantised(net: &Motor, samples: &[Spectrogram]) -> (Box<MotorInt8>, Report) {
    let bytes = MotorInt8::quantize(net, samples, Calibration::MinMax);
    let report = bytes.compare(net, samples);
    (bytes, report)
}
// ANCHOR_END: quantise

// ANCHOR: qat
/// The network in bytes, after some more training with the rounding that bytes bring.
fn trained_for_bytes(
    net: &Motor,
    samples: &[(Spectrogram, usize)],
) -> Result<Box<MotorInt8>, TrainError> {
    let mut qat = Qat::<MotorInt8>::prepare(net);
    let mut trainer = Trainer::new(Adam::new(1e-3), CrossEntropyLoss::new()).epochs(4);
    trainer.fit(&mut *qat, samples, [])?;
    Ok(qat.convert())
}
// ANCHOR_END: qat

// ANCHOR: bytes
/// Whether the motor is well; `x` is measured in the bytes that the network takes.
fn is_well(net: &MotorInt8, x: &[i8; 128], memory: &mut impl Memory) -> bool {
    let [well, ill] = net.forward(x, memory);
    well > ill
}
// ANCHOR_END: bytes

// ANCHOR: numbers
/// The two logits of what was measured in numbers.
fn logits(net: &MotorInt8, x: &Spectrogram, memory: &mut impl Memory) -> [f32; 2] {
    let (mut bytes, mut logits) = ([0; 128], [0.0; 2]);
    net.quantize_input(x, &mut bytes);
    net.dequantize_output(net.forward(&bytes, memory), &mut logits);
    logits
}
// ANCHOR_END: numbers

#[test]
fn a_network_goes_into_bytes() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut net = Motor::boxed(&mut rng);
    let mut drawn = || {
        let mut x: Spectrogram = [[[0.0; 8]; 16]; 1];
        x.as_flattened_mut().as_flattened_mut().iter_mut().for_each(|x| *x = rng.random());
        x
    };
    let samples: Vec<Spectrogram> = (0..64).map(|_| drawn()).collect();
    let mut rng = StdRng::seed_from_u64(2);
    for _ in 0..20 {
        net.forward_training(&samples, &mut Workspace::new(), &mut rng);
    }
    let (bytes, report) = quantised(&net, &samples);
    assert!(report.rows.iter().all(|row| row.sqnr > 25.0), "{report}");
    let (mut memory, mut numbers) = (MotorInt8::workspace(), Workspace::new());
    for x in &samples {
        let exact = net.forward(x, &mut numbers);
        let near = logits(&bytes, x, &mut memory);
        assert!(exact.iter().zip(near).all(|(x, y)| (x - y).abs() < 0.05), "{exact:?} {near:?}");
        let mut input = [0; 128];
        bytes.quantize_input(x, &mut input);
        if (exact[0] - exact[1]).abs() > 0.1 {
            assert_eq!(is_well(&bytes, &input, &mut memory), exact[0] > exact[1]);
        }
    }
}

#[test]
fn a_network_is_trained_for_bytes() {
    let mut rng = StdRng::seed_from_u64(1);
    let net = Motor::boxed(&mut rng);
    // Of a motor that is ill, one half of the spectrum is loud.
    let mut drawn = |ill: usize| {
        let mut x: Spectrogram = [[[0.0; 8]; 16]; 1];
        for (i, line) in x[0].iter_mut().enumerate() {
            let most = if ill == 1 && i < 8 { 2.0 } else { 1.0 };
            line.iter_mut().for_each(|x| *x = rng.random_range(0.0..most));
        }
        (x, ill)
    };
    let samples: Vec<_> = (0..256).map(|i| drawn(i % 2)).collect();
    let bytes = trained_for_bytes(&net, &samples).unwrap();
    let (mut memory, mut input) = (MotorInt8::workspace(), [0; 128]);
    for (x, ill) in &samples {
        bytes.quantize_input(x, &mut input);
        assert_eq!(is_well(&bytes, &input, &mut memory), *ill == 0);
    }
}
