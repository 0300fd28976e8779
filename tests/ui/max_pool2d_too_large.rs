use firmnet::prelude::*;

network! {
    struct Net: [8, 4, 4] -> [8, 1, 1] {
        MaxPool2d(5),
    }
}

fn main() {}
