use firmnet::prelude::*;

network! {
    struct Net: [..20, 12] -> [..20, 12] {
        attn: MultiheadAttention(4, rotary = true),
    }
}

fn main() {}
