use firmnet::prelude::*;

network! {
    struct Net: [..20, 64] -> [..20, 64] {
        PositionalEmbedding,
    }
}

fn main() {}
