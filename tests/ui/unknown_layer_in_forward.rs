use firmnet::prelude::*;

network! {
    struct Net {
        conv1: Conv2d(4, 3),
    }
    fn forward(x: [1, 8, 8]) -> [4, 6, 6] {
        conv(conv1(x))
    }
}

fn main() {}
