use firmnet::prelude::*;

network! {
    struct Net: [16] -> [8, 14, 14] {
        conv: Conv2d(8, 3),
    }
}

fn main() {}
