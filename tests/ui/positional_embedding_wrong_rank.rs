use firmnet::prelude::*;

network! {
    struct Net: [64] -> [64] {
        positions: PositionalEmbedding,
    }
}

fn main() {}
