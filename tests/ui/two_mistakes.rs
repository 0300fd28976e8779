use firmnet::prelude::*;

network! {
    struct Net: [1, 8, 8] -> [10] {
        conv: Conv2d(8, 9),
        fc1: Linear(16), ReLU,
        Flatten,
        fc2: Linear(10),
    }
}

fn main() {}
