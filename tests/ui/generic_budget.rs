use firmnet::prelude::*;

network! {
    #[budget(ram = "1 KiB")]
    struct Net<const H: usize>: [4] -> [2] { fc1: Linear(H), fc2: Linear(2) }
}

fn main() {}
