use firmnet::prelude::*;

network! {
    struct Net: [..100, 40] -> [..100, 8] {
        conv: Conv1d(8, 3, padding = 1),
    }
}

fn main() {}
