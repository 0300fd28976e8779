use firmnet::prelude::*;

network! {
    struct Net: [1, 8, 8] -> [8, 6, 6] {
        conv: Conv2d(bias = false, 8, 3),
    }
}

fn main() {}
