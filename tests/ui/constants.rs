use firmnet::prelude::*;

const LARGE: u32 = 4;

network! {
    struct Unknown: [1, HEIGTH, 8] -> [LARGE as usize] { Flatten, fc: Linear(OUT) }
}
network! {
    struct WrongType: [LARGE] -> [2] { fc: Linear(2) }
}
network! {
    struct WrongTypeInside: [4] -> [2] { fc1: Linear(LARGE), fc2: Linear(2) }
}
network! {
    struct Negative: [4] -> [-2] { fc: Linear(2) }
}

const HEIGHT: usize = 8;

fn main() {
    let mut memory = Workspace::new();
    let _ = Unknown::ZERO.fc.bias.len() + Unknown::ZERO.fc.weight.len();
    let _ = WrongTypeInside::ZERO.forward(&[0.0; 4], &mut memory)[1] + HEIGHT as f32;
}
