use firmnet::prelude::*;

network! {
    struct Net {
        fc: Linear(4),
    }
    fn forward(input: [3]) -> [4] {
        fc(imput)
    }
}

fn main() {}
