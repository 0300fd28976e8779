use firmnet::prelude::*;

network! {
    struct Net: [1, 8, 8] -> [4, 6, 6] {
        conv: Conv2d(4, 3, kernel_size = 3),
    }
}

fn main() {}
