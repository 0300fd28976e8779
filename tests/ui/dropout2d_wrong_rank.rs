use firmnet::prelude::*;

network! {
    struct Net: [8] -> [8] {
        Dropout2d(0.5),
    }
}

fn main() {}
