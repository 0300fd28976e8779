use firmnet::prelude::*;

network! {
    struct Net {
        Linear(4),
    }
    fn forward(x: [3]) -> [3] {
        ReLU(x)
    }
}

fn main() {}
