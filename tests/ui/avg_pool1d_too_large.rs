use firmnet::prelude::*;

network! {
    struct Net: [2, 4] -> [2, 1] {
        AvgPool1d(5),
    }
}

fn main() {}
