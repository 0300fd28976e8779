use firmnet::prelude::*;

network! {
    struct Net: [2, 9] -> [8, 9] {
        conv: Conv1d(8, 3, padding = (1, 1)),
    }
}

fn main() {}
