use firmnet::prelude::*;

network! {
    struct Net<const H: usize, const T: usize>: [4] -> [T] {
        fc1: Linear(H), ReLU,
        fc2: Linear(H),
    }
}

fn main() {}
