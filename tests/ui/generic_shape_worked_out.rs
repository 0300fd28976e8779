use firmnet::prelude::*;

network! {
    struct Net<const H: usize>: [2 * H] -> [2] { fc: Linear(2) }
}

fn main() {}
