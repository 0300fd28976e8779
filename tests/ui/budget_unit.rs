use firmnet::prelude::*;

network! {
    #[budget(flash = "64 KiX")]
    struct Net: [4] -> [2] {
        fc: Linear(2),
    }
}

fn main() {}
