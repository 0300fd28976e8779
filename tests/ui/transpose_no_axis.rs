use firmnet::prelude::*;

network! {
    struct Net: [4, 5] -> [5, 4] {
        Transpose(0, 2),
    }
}

fn main() {}
