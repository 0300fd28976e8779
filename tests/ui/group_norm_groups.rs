use firmnet::prelude::*;

network! {
    struct Net: [6, 4, 4] -> [6, 4, 4] {
        norm: GroupNorm(4),
    }
}

fn main() {}
