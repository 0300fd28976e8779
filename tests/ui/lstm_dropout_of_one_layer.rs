use firmnet::prelude::*;

network! {
    struct Net: [5, 8] -> [5, 4] {
        lstm: LSTM(4, dropout = 0.5),
    }
}

fn main() {}
