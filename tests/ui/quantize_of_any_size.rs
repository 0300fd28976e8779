use firmnet::prelude::*;

network! {
    #[quantize(i8)]
    struct Net<const H: usize>: [4] -> [2] {
        fc1: Linear(H), ReLU,
        fc2: Linear(2),
    }
}

fn main() {}
