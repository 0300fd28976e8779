use firmnet::prelude::*;

network! {
    struct Net: [..20, 64] -> [..20, 64] {
        layer: TransformerEncoderLayer(4, 256, activation = "tanh"),
    }
}

fn main() {}
