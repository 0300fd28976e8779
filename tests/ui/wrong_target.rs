use firmnet::prelude::*;

network! {
    struct Net: [4] -> [3] {
        fc: Linear(3),
    }
}

fn step(net: &mut Net, memory: &mut Workspace, rng: &mut rand::rngs::StdRng) {
    let mut pass = net.forward_training(&[[0.0; 4]; 2], memory, rng);
    pass.loss(&CrossEntropyLoss::new(), &[0.5, 1.0]);
}

fn main() {}
