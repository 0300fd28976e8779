use firmnet::prelude::*;

network! {
    struct Net: [8] -> [8] {
        bn: BatchNorm2d,
    }
}

fn main() {}
