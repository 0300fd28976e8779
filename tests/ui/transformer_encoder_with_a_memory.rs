use firmnet::prelude::*;

network! {
    struct Net {
        layer: TransformerEncoderLayer(4),
    }
    fn forward(x: [..20, 64], memory: [..50, 64]) -> [..20, 64] {
        layer(x, memory)
    }
}

fn main() {}
