use firmnet::prelude::*;

network! {
    struct Net: [..100, 40] -> [..100, 40] {
        bn: BatchNorm1d,
    }
}

fn main() {}
