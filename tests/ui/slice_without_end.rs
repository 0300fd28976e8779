use firmnet::prelude::*;

network! {
    struct Net: [8] -> [4] { Slice(4) }
}

fn main() {}
