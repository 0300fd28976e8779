use firmnet::prelude::*;

network! {
    struct Net {
        fc: Linear(2),
    }
    fn forward(x: [4]) -> [2] {
        fc(x)
        let y = x;
    }
}

fn main() {}
