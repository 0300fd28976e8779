use firmnet::prelude::*;

network! {
    struct Net: [0] -> [2] {
        fc: Linear(2),
    }
}

fn main() {}
