use firmnet::prelude::*;

network! {
    struct Net {
        cell: LSTMCell(4),
    }
    fn forward(x: [8], state: [4]) -> [2, 4] {
        cell(x, state)
    }
}

fn main() {}
