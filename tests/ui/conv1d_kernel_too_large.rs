use firmnet::prelude::*;

network! {
    struct Net: [2, 4] -> [8, 1] {
        conv: Conv1d(8, 3, dilation = 2),
    }
}

fn main() {}
