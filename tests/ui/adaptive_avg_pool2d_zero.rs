use firmnet::prelude::*;

network! {
    struct Net: [8, 4, 4] -> [8, 1, 1] {
        AdaptiveAvgPool2d(0),
    }
}

fn main() {}
