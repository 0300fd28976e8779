#![forbid(unsafe_code)]
use firmnet::prelude::*;

const HIDDEN: usize = 8;
network! {
    /// Xor.
    pub struct Xor: [1, 2, 1] -> [1] {
        Flatten,
        fc1: Linear(HIDDEN), Relu,
        fc2: Linear(1, bias = false),
    }
}
network! {
    /// A residual.
    struct Res { a: Linear(4), b: Linear(4) }
    fn forward(x: [4], y: [4]) -> ([4], [4]) {
        let h: [4] = Relu(a(x));
        (Relu(b(h)), a(y))
    }
}

fn main() {
    println!("{}", Xor::summary());
    println!("{:?}", Xor::TENSORS);
    println!("{:?} {}", Res::TENSORS, Res::summary());
    println!("{:#?}", Xor::TRAINING);
}
