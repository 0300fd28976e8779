use firmnet::prelude::*;

network! {
    #[budget(flash = "64 KiB")]
    struct Net: [784] -> [10] {
        fc1: Linear(128), ReLU,
        fc2: Linear(10),
    }
}

fn main() {}
