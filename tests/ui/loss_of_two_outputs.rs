use firmnet::network::Rng;
use firmnet::prelude::*;

network! {
    struct Net {
        fc1: Linear(3), fc2: Linear(2),
    }
    fn forward(x: [4]) -> ([3], [2]) {
        (fc1(x), fc2(x))
    }
}

fn step(net: &mut Net, rng: &mut dyn Rng) -> f32 {
    let mut memory = Workspace::new();
    let mut pass = net.forward_training(&[[0.0; 4]], &mut memory, rng);
    pass.loss(&CrossEntropyLoss::new(), &[0_u8])
}

fn main() {}
