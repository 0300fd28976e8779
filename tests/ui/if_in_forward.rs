use firmnet::prelude::*;

network! {
    struct Net {
        a: Linear(4),
    }
    fn forward(x: [4]) -> [4] {
        if true { a(x) } else { x }
    }
}

fn main() {}
