use firmnet::prelude::*;

network! {
    struct Net: [64] -> [64] {
        attn: MultiheadAttention(4),
    }
}

fn main() {}
