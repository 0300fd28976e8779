use firmnet::prelude::*;

network! {
    struct Net: [5, 8] -> [5, 4] {
        lstm: LSTM(4, num_layers = 0),
    }
}

fn main() {}
