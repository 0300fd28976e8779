use firmnet::prelude::*;

network! {
    struct Net: [..100, 40] -> [..100, 40] {
        norm: GroupNorm(4),
    }
}

fn main() {}
