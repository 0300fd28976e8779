use firmnet::prelude::*;

network! {
    struct Net {
        attn: MultiheadAttention(4),
    }
    fn forward(x: [..20, 64], memory: [..50, 32]) -> [..20, 64] {
        attn(x, memory)
    }
}

fn main() {}
