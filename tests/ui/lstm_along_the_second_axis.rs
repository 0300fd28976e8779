use firmnet::prelude::*;

network! {
    struct Net: [..5, 8] -> [8, 4] {
        Transpose(0, 1),
        lstm: LSTM(4),
    }
}

fn main() {}
