use firmnet::prelude::*;

network! {
    struct Net {
        attn: MultiheadAttention(4, causal = true),
    }
    fn forward(x: [..20, 64], memory: [..50, 64]) -> [..20, 64] {
        attn(x, memory)
    }
}

fn main() {}
