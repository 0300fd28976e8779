use firmnet::prelude::*;

network! {
    struct Net: [8, 4, 4] -> [6, 6, 6] {
        up: ConvTranspose2d(6, 3, groups = 4),
    }
}

fn main() {}
