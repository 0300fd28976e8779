use firmnet::prelude::*;

network! {
    struct Net: [8, 4, 4] -> [8, 3, 3] {
        MaxPool2d(2, padding = 2),
    }
}

fn main() {}
