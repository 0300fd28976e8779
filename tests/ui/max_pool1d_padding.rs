use firmnet::prelude::*;

network! {
    struct Net: [2, 9] -> [2, 5] {
        MaxPool1d(2, padding = 2),
    }
}

fn main() {}
