use firmnet::prelude::*;

network! {
    #[budget(rom = "64 KiB")]
    struct Net: [4] -> [2] {
        fc: Linear(2),
    }
}

fn main() {}
