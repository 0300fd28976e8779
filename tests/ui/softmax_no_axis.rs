use firmnet::prelude::*;

network! {
    struct Net: [8] -> [8] {
        Softmax(dim = 1),
    }
}

fn main() {}
