use firmnet::prelude::*;

network! {
    struct Net<T>: [4] -> [2] {
        fc: Linear(2),
    }
}

fn main() {}
