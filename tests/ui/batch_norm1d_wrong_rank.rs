use firmnet::prelude::*;

network! {
    struct Net: [8, 4, 4] -> [8, 4, 4] {
        bn: BatchNorm1d,
    }
}

fn main() {}
