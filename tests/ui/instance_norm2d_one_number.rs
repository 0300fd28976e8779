use firmnet::prelude::*;

network! {
    struct Net: [6, 1, 1] -> [6, 1, 1] {
        InstanceNorm2d,
    }
}

fn main() {}
