use firmnet::prelude::*;

network! {
    struct Net: [..20, 64] -> [..20, 64] {
        layer: TransformerEncoderLayer(3),
    }
}

fn main() {}
