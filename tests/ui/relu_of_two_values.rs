use firmnet::prelude::*;

network! {
    struct Net {
        a: Linear(4),
    }
    fn forward(x: [3], y: [4]) -> [4] {
        ReLU(a(x), y)
    }
}

fn main() {}
