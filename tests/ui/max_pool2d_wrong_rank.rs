use firmnet::prelude::*;

network! {
    struct Net: [16] -> [8] {
        MaxPool2d(2),
    }
}

fn main() {}
