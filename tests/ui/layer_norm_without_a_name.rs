use firmnet::prelude::*;

network! {
    struct Net: [5, 8] -> [5, 8] {
        LayerNorm,
    }
}

fn main() {}
