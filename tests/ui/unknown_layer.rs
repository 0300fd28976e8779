use firmnet::prelude::*;

network! {
    struct Net: [4] -> [2] {
        fc: Lineer(2),
    }
}

fn main() {}
