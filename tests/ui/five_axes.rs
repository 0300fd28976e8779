use firmnet::prelude::*;

network! {
    struct Net: [1, 2, 3, 4, 5] -> [2] {
        Flatten,
        fc: Linear(2),
    }
}

fn main() {}
