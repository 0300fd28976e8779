use firmnet::prelude::*;

network! {
    struct Net: [8, 4, 4] -> [4, 10, 10] {
        up: ConvTranspose2d(4, 4, stride = 2, output_padding = 2),
    }
}

fn main() {}
