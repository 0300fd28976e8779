//! Sizes are constants of any kind; what is declared, is checked.

use firmnet::prelude::*;

mod camera {
    pub const CLASSES: usize = 10;
    pub struct Camera;
    impl Camera {
        pub const HEIGHT: usize = 12;
    }
    pub const fn twice(size: usize) -> usize {
        2 * size
    }
}
const CHANNELS: [usize; 2] = [3, 5];

network! {
    struct Net: [1, camera::Camera::HEIGHT, camera::twice(6)] -> [camera::CLASSES] {
        conv: Conv2d(1 -> CHANNELS[0], if CHANNELS[1] > 4 { 3 } else { 1 }), ReLU,
        Flatten,
        fc1: Linear(CHANNELS[0] * 10 * 10 -> Net::HIDDEN as usize), ReLU,
        fc2: Linear(camera::CLASSES),
    }
}

impl Net {
    const HIDDEN: u8 = 7;
}

#[test]
fn a_size_is_any_constant() {
    let input: &<Net as Network>::Input = &[[[0.0; 12]; 12]; 1];
    let output: [f32; 10] = *Net::ZERO.forward(input, &mut Workspace::new());
    assert_eq!(output, [0.0; 10]);
    assert_eq!(Net::ZERO.fc1.bias.len(), 7);
}

#[test]
fn a_network_stands_in_a_function() {
    const SIZE: usize = 3;
    network! {
        struct Local: [SIZE] -> [SIZE + 1] { fc: Linear(SIZE + 1) }
    }
    network! {
        struct Other { fc: Linear(SIZE) }
        fn forward(x: [SIZE]) -> [SIZE] {
            let h: [SIZE] = fc(x);
            h + x
        }
    }
    assert_eq!((Local::PARAMETERS, Other::PARAMETERS), (16, 12));
}

#[test]
fn a_shape_has_up_to_four_axes() {
    network! { struct Point: [] -> [] { ReLU } }
    network! { struct Film: [2, 3, 4, 5] -> [120] { Flatten } }
    let mut memory = Workspace::new();
    assert_eq!(Point::ZERO.forward(&-1.0, &mut memory), &0.0);
    assert_eq!(Film::ZERO.forward(&[[[[1.0; 5]; 4]; 3]; 2], &mut memory), &[1.0; 120]);
}
