use firmnet::prelude::*;

network! {
    struct Net<const D: usize>: [5, 12] -> [5, D] {
        fc: Linear(D), Tanh,
        attn: MultiheadAttention(8),
    }
}

const _: usize = Net::<64>::PARAMETERS;
const _: usize = Net::<10>::PARAMETERS;

fn main() {}
