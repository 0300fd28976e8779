use firmnet::prelude::*;

network! {
    struct Net: [5, 8] -> [5, 4] {
        gru: GRU(4, nonlinearity = "relu"),
    }
}

fn main() {}
