use firmnet::prelude::*;

network! {
    struct Net: [..20, 64] -> [..20, 64] {
        attn: MultiheadAttention(5),
    }
}

fn main() {}
