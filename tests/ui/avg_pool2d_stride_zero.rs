use firmnet::prelude::*;

network! {
    struct Net: [8, 4, 4] -> [8, 2, 2] {
        AvgPool2d(2, stride = 0),
    }
}

fn main() {}
