use firmnet::prelude::*;

network! {
    struct Net: [8] -> [8, 4] {
        lstm: LSTM(4),
    }
}

fn main() {}
