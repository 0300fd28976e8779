use firmnet::prelude::*;

network! {
    struct Net: [1, 8, 8] -> [8, 6, 6] {
        conv: Conv2d(8),
    }
}

fn main() {}
