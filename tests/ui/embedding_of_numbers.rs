use firmnet::prelude::*;

network! {
    struct Net: [5] -> [5, 4] {
        fc: Linear(5), embedding: Embedding(100, 4),
    }
}

fn main() {}
