use firmnet::prelude::*;

network! {
    struct Net {
        fc: Linear(2),
    }
    fn backward(x: [4]) -> [2] {
        fc(x)
    }
}

fn main() {}
