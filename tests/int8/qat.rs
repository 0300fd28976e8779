//! Quantisation-aware training by the trainer, and what comes of it in bytes.

use firmnet::prelude::*;

use super::{Image, MixedInt8, mixed};

/// A network that learns the brightest channel of an image, and the images.
fn trained() -> (Box<Qat<MixedInt8>>, Vec<(Image, usize)>) {
    let (net, images) = mixed();
    let brightness = |x: &Image, c: usize| x[c].as_flattened().iter().sum::<f32>();
    let brightest =
        |x: &Image| (0..3).max_by(|&a, &b| brightness(x, a).total_cmp(&brightness(x, b))).unwrap();
    let samples: Vec<_> = images.iter().map(|x| (*x, brightest(x))).collect();
    let mut qat = Qat::<MixedInt8>::prepare(&net);
    let mut trainer = Trainer::new(Adam::new(3e-3), CrossEntropyLoss::new()).epochs(20);
    let history = trainer.fit(&mut *qat, &samples, []).unwrap();
    let losses: Vec<f32> = history.epochs.iter().map(|epoch| epoch.train.loss).collect();
    assert!(losses[19] < losses[0] - 0.1, "{losses:?}");
    (qat, samples)
}

#[test]
fn bytes_give_what_training_computed_with() {
    let (qat, samples) = trained();
    let bytes = qat.convert();
    let (mut memory, mut numbers) = (MixedInt8::workspace(), Workspace::new());
    let (mut x, mut y, mut same) = ([0; 432], [0.0; 10], 0);
    for (image, _) in &samples {
        bytes.quantize_input(image, &mut x);
        bytes.dequantize_output(bytes.forward(&x, &mut memory), &mut y);
        let rounded = qat.forward(image, &mut numbers);
        // A sum that is halfway between two bytes may be rounded up in whole numbers, and down in others.
        for (y, rounded) in y.iter().zip(rounded) {
            let steps = (y - rounded) * 256.0;
            assert!(steps.abs() <= 2.0, "{steps} steps");
            same += usize::from(steps == 0.0);
        }
    }
    assert!(10 * same > 9 * 10 * samples.len(), "{same}");
}

#[test]
fn ranges_are_saved_with_the_network() {
    let (qat, samples) = trained();
    let file = tempfile::NamedTempFile::new().unwrap();
    qat.save(file.path()).unwrap();
    let mut read = Qat::<MixedInt8>::boxed_zero();
    read.load(file.path()).unwrap();
    let (mut one, mut other) = (Workspace::new(), Workspace::new());
    for (image, _) in &samples {
        assert_eq!(qat.forward(image, &mut one), read.forward(image, &mut other));
    }
}
