use firmnet::prelude::*;

network! {
    struct Net {
        attn: MultiheadAttention(4),
    }
    fn forward(x: [..20, 64], key: [..50, 64], value: [..40, 64]) -> [..20, 64] {
        attn(x, key, value)
    }
}

fn main() {}
