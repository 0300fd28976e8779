use firmnet::prelude::*;

network! {
    struct Net {
        fc: Linear(4),
    }
    fn forward(x: [3]) -> [4] {
        fc(fc(x))
    }
}

fn main() {}
