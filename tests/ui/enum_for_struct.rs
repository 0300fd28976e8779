use firmnet::prelude::*;

network! {
    enum Net: [4] -> [2] {
        fc: Linear(2),
    }
}

fn main() {}
