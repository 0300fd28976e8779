use firmnet::prelude::*;

network! {
    struct Net: [8] -> [8] {
        Dropout(1.5),
    }
}

fn main() {}
