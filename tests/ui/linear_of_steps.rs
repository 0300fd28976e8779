use firmnet::prelude::*;

network! {
    struct Net: [28, 28] -> [10] {
        fc: Linear(10),
    }
}

fn main() {}
