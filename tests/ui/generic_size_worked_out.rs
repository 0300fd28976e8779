use firmnet::prelude::*;

network! {
    struct Net<const H: usize>: [4] -> [2] {
        fc1: Linear(4 * H), ReLU,
        fc2: Linear(H), ReLU,
        fc3: Linear(2),
    }
}

fn main() {}
