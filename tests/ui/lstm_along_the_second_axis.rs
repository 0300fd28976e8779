use firmnet::prelude::*;

network! {
    struct Net: [8, ..5] -> [8, 4] {
        lstm: LSTM(4),
    }
}

fn main() {}
