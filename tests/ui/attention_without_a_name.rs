use firmnet::prelude::*;

network! {
    struct Net: [20, 64] -> [20, 64] {
        MultiheadAttention(4),
    }
}

fn main() {}
