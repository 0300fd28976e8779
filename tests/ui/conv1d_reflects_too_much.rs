use firmnet::prelude::*;

network! {
    struct Net: [2, 4] -> [8, 10] {
        conv: Conv1d(8, 3, padding = 4, padding_mode = "reflect"),
    }
}

fn main() {}
