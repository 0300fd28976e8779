use firmnet::prelude::*;

network! {
    struct Net<const H: i32>: [4] -> [2] { fc1: Linear(H), fc2: Linear(2) }
}

fn main() {}
