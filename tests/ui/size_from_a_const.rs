use firmnet::prelude::*;

const HIDDEN: usize = 7;

network! {
    struct Net: [4] -> [8] {
        fc: Linear(HIDDEN),
    }
}

fn main() {}
