use firmnet::prelude::*;

network! {
    struct Net: [16] -> [1] {
        Mean,
    }
}

fn main() {}
