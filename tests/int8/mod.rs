//! Networks in bytes beside the same in `f32`.

mod files;
mod forms;
mod plan;
mod qat;
mod recurrent;

use firmnet::prelude::*;
use rand::{RngExt, SeedableRng, rngs::StdRng};

network! {
    /// Much of what is merged, and some of what is not.
    #[quantize(i8)]
    pub struct Mixed {
        conv1: Conv2d(8, 3, stride = 2), bn1: BatchNorm2d,
        dw: Conv2d(8, 3, padding = 1, groups = 8), bn2: BatchNorm2d,
        pw: Conv2d(16, 1),
        other: Conv2d(16, 1, bias = false),
        fc: Linear(10),
    }
    fn forward(x: [3, 12, 12]) -> [10] {
        let y = ReLU(bn1(conv1(ZeroPad2d((0, 1, 0, 1))(x))));
        let z = ReLU6(Dropout(bn2(dw(y))));
        let z = ReLU(pw(z) + other(y));
        let w = Concat(Sigmoid(MaxPool2d(2)(z)), Sigmoid(AvgPool2d(2)(z)));
        Softmax(fc(Flatten(w)))
    }
}

type Image = [[[f32; 12]; 12]; 3];

/// A network whose running statistics are those of some images, and the images.
fn mixed() -> (Box<Mixed>, Vec<Image>) {
    let mut rng = StdRng::seed_from_u64(1);
    let mut net = Mixed::boxed(&mut rng);
    let images: Vec<Image> = (0..64).map(|_| drawn(&mut rng)).collect();
    for _ in 0..20 {
        net.forward_training(&images, &mut Workspace::new(), &mut rng);
    }
    (net, images)
}

/// Numbers from −1 to 2, so that zero is not in the middle.
fn drawn<const A: usize, const B: usize, const C: usize>(rng: &mut StdRng) -> [[[f32; C]; B]; A] {
    let mut image = [[[0.0; C]; B]; A];
    let numbers = image.as_flattened_mut().as_flattened_mut();
    numbers.iter_mut().for_each(|x| *x = rng.random_range(-1.0..2.0));
    image
}
