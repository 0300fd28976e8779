use firmnet::prelude::*;

network! {
    struct Net: [..20, 64] -> [..20, 64] {
        layer: TransformerDecoderLayer(4, 256),
    }
}

fn main() {}
