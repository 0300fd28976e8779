use firmnet::prelude::*;

network! {
    struct Net {
        gru: GRU(4),
    }
    fn forward(x: [5, 8], h: [1, 4], c: [1, 4]) -> [5, 4] {
        gru(x, h, c)
    }
}

fn main() {}
