use firmnet::prelude::*;

network! {
    struct Net {
        a: Linear(4),
    }
    fn forward(x: [3], y: [3]) -> [4] {
        a(x)
    }
}

fn main() {}
