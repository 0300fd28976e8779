use firmnet::prelude::*;

network! {
    struct Net: [4] -> [3] {
        fc: Linear(2),
    }
}

fn main() {}
