use firmnet::prelude::*;

network! {
    struct Net: [3, 8, 8] -> [8, 6, 6] {
        conv: Conv2d(1 -> 8, 3),
    }
}

fn main() {}
