use firmnet::prelude::*;

network! {
    struct Net: [8, 4, 4] -> [8, 8, 8] {
        Upsample(size = 8, scale_factor = 2),
    }
}

fn main() {}
