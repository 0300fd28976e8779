use firmnet::prelude::*;

network! {
    struct Net<const C: usize>: [C, 8, 8] -> [2] {
        conv: Conv2d(C, 3), Flatten,
        fc: Linear(36 -> 2),
    }
}

fn main() {}
