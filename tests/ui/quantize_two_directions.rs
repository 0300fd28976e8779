use firmnet::prelude::*;

network! {
    #[quantize(i8)]
    struct Net: [8, 4] -> [6] {
        lstm: LSTM(3, bidirectional = true, last = true),
    }
}

fn main() {}
