use firmnet::prelude::*;

network! {
    struct Net: [16] -> [1] {
        AdaptiveAvgPool1d(1),
    }
}

fn main() {}
