use firmnet::prelude::*;

network! {
    struct Net: [8, 1, 1] -> [4, 1, 1] {
        up: ConvTranspose2d(4, 4, padding = 2),
    }
}

fn main() {}
