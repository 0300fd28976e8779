use firmnet::prelude::*;

network! {
    struct Net: [784] -> [10] {
        fc: Linear(784, 10),
        ReLU(true),
    }
}

fn main() {}
