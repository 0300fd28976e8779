use firmnet::prelude::*;

network! {
    struct Net: [4] -> [2] {
        fc1: Linear(3)
        fc2: Linear(2),
    }
}

fn main() {}
