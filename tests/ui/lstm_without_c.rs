use firmnet::prelude::*;

network! {
    struct Net {
        lstm: LSTM(4),
    }
    fn forward(x: [5, 8], h: [1, 4]) -> [5, 4] {
        lstm(x, h)
    }
}

fn main() {}
