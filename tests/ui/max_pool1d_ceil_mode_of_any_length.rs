use firmnet::prelude::*;

network! {
    struct Net: [..100, 40] -> [..50, 40] {
        Transpose(0, 1), MaxPool1d(2, ceil_mode = true), Transpose(0, 1),
    }
}

fn main() {}
