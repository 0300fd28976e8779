use firmnet::prelude::*;

network! {
    struct Net: [4] -> [2] {
        Linear(2),
    }
}

fn main() {}
