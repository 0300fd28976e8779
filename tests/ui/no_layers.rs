use firmnet::prelude::*;

network! {
    struct Net: [4] -> [4] {}
}

fn main() {}
