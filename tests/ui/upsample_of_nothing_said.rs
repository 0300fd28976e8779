use firmnet::prelude::*;

network! {
    struct Net: [8, 4, 4] -> [8, 8, 8] {
        Upsample,
    }
}

fn main() {}
