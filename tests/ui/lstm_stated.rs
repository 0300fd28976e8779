use firmnet::prelude::*;

network! {
    struct Net: [5, 8] -> [5, 4] {
        lstm: LSTM(9 -> 4),
    }
}

fn main() {}
