use firmnet::prelude::*;

network! {
    struct Net: [..100, 40] -> [40, ..50] {
        Transpose(0, 1), MaxPool1d(2, ceil_mode = true),
    }
}

fn main() {}
