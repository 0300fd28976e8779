use firmnet::prelude::*;

network! {
    struct Net {
        fc: Linear(2),
    }
}

fn main() {}
