use firmnet::prelude::*;

network! {
    struct Net: [16] -> [4, 5] {
        Reshape(4, 5),
    }
}

fn main() {}
