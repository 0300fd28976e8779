use firmnet::prelude::*;

network! {
    struct Net: [4, 8, 8] -> [6, 6, 6] {
        conv: Conv2d(6, 3, groups = 4),
    }
}

fn main() {}
