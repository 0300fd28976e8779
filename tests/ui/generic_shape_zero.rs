use firmnet::prelude::*;

network! {
    struct Net<const H: usize>: [H] -> [2] { fc: Linear(2) }
}

const _: usize = Net::<0>::PARAMETERS;

fn main() {}
