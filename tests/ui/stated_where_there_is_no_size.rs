use firmnet::prelude::*;

network! {
    struct Net: [4] -> [2] { ReLU(4 -> 4), Dropout(4 -> 0.5), fc: Linear(2) }
}

fn main() {}
