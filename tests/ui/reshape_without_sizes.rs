use firmnet::prelude::*;

network! {
    struct Net: [16] -> [8, 2, 2] {
        Reshape,
        conv: Conv2d(8, 3),
    }
}

fn main() {}
