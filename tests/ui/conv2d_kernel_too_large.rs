use firmnet::prelude::*;

network! {
    struct Net: [1, 4, 4] -> [8, 1, 1] {
        conv: Conv2d(8, 5),
    }
}

fn main() {}
