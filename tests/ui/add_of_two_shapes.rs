use firmnet::prelude::*;

network! {
    struct Net {
        a: Linear(4),
        b: Linear(5),
    }
    fn forward(x: [3]) -> [4] {
        a(x) + b(x)
    }
}

fn main() {}
