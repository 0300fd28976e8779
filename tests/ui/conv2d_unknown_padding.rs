use firmnet::prelude::*;

network! {
    struct Net: [1, 8, 8] -> [8, 8, 8] {
        conv: Conv2d(8, 3, padding = "sane"),
    }
}

fn main() {}
