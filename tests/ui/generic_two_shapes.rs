use firmnet::prelude::*;

network! {
    struct Net<const H: usize> { fc: Linear(8) }
    fn forward(x: [H]) -> [8] { fc(x) + x }
}

fn main() {}
