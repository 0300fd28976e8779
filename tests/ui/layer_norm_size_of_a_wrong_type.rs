use firmnet::prelude::*;

network! {
    struct Net: [5, 8] -> [5, 8] {
        norm: LayerNorm((5, 8)),
    }
}

fn main() {}
