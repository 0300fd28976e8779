use firmnet::prelude::*;

network! {
    struct Net: [6, 4, 4] -> [6, 4, 4] {
        InstanceNorm1d,
    }
}

fn main() {}
