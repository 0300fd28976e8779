use firmnet::prelude::*;

network! {
    struct Net: [2, 4] -> [2, 8] {
        ReflectionPad1d((0, 4)),
    }
}

fn main() {}
