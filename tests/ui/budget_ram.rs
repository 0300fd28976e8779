use firmnet::prelude::*;

network! {
    #[budget(ram = "16 KiB")]
    struct Net: [1, 28, 28] -> [32, 26, 26] {
        conv: Conv2d(32, 3),
    }
}

fn main() {}
