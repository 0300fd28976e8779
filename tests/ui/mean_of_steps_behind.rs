use firmnet::prelude::*;

network! {
    struct Net: [..100, 40] -> [..100] {
        Transpose(0, 1), Mean,
    }
}

fn main() {}
