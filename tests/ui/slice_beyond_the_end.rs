use firmnet::prelude::*;

network! {
    struct Net: [8] -> [4] {
        Slice(6, 10),
    }
}

fn main() {}
