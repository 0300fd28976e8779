use firmnet::prelude::*;

network! {
    struct Net: [5] -> [5, 4] {
        embedding: Embedding(100),
    }
}

fn main() {}
