use firmnet::prelude::*;

const GROUPS: usize = 0;

network! {
    struct Argument: [4] -> [2] { fc1: Linear(8 / GROUPS), fc2: Linear(2) }
}
network! {
    struct Shape: [GROUPS - 1] -> [2] { fc: Linear(2) }
}

fn main() {}
