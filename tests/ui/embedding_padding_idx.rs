use firmnet::prelude::*;

network! {
    struct Net: [5] -> [5, 4] {
        embedding: Embedding(100, 4, padding_idx = 100),
    }
}

fn main() {}
