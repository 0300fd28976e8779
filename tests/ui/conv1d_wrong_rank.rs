use firmnet::prelude::*;

network! {
    struct Net: [1, 28, 28] -> [8, 26] {
        conv: Conv1d(8, 3),
    }
}

fn main() {}
