use firmnet::prelude::*;

network! {
    struct Net: [5, 8] -> [5, 4] {
        LSTM(4),
    }
}

fn main() {}
