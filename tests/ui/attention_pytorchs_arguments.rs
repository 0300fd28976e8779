use firmnet::prelude::*;

network! {
    struct Net: [..20, 64] -> [..20, 64] {
        attn: MultiheadAttention(64, 8),
    }
}

fn main() {}
