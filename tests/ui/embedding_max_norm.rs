use firmnet::prelude::*;

network! {
    struct Net: [5] -> [5, 4] {
        embedding: Embedding(100, 4, max_norm = 0.0),
    }
}

fn main() {}
