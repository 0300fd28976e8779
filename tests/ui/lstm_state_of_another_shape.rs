use firmnet::prelude::*;

network! {
    struct Net {
        lstm: LSTM(4, bidirectional = true),
    }
    fn forward(x: [5, 8], h: [1, 4], c: [2, 4]) -> [5, 8] {
        lstm(x, h, c)
    }
}

fn main() {}
