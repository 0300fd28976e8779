use firmnet::prelude::*;

network! {
    struct Net: [5, 8] -> [4] {
        cell: GRUCell(4),
    }
}

fn main() {}
