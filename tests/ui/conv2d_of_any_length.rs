use firmnet::prelude::*;

network! {
    struct Net: [..100, 8, 8] -> [..100, 6, 6] {
        conv: Conv2d(100, 3),
    }
}

fn main() {}
