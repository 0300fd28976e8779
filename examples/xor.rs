//! The smallest whole program: a network that learns exclusive or.
#![forbid(unsafe_code)]
use firmnet::prelude::*;
use rand::SeedableRng;

network! {
    /// Two bits in, one number out.
    pub struct Xor: [2] -> [1] {
        fc1: Linear(8), ReLU,
        fc2: Linear(1),
    }
}

fn main() {
    let (inputs, targets) = ([[0., 0.], [0., 1.], [1., 0.], [1., 1.]], [[0.], [1.], [1.], [0.]]);
    let mut rng = rand::rngs::StdRng::seed_from_u64(0);
    let (mut net, mut memory) = (Xor::boxed(&mut rng), Workspace::new());
    let adam = Adam::new(0.01);
    let (mut grad, mut state) = (Xor::ZERO, adam.state());
    for step in 0..=1000 {
        let mut pass = net.forward_training(&inputs, &mut memory, &mut rng);
        let loss = pass.loss(&MseLoss::new(), &targets);
        pass.gradient(&net, &mut grad);
        adam.step(&mut *net, &grad, &mut state);
        if step % 250 == 0 {
            println!("step {step:4}  loss {loss:.6}");
        }
    }
    println!("{:.3?}", net.forward_batch(&inputs, &mut memory));
}
