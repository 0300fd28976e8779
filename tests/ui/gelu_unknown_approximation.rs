use firmnet::prelude::*;

network! {
    struct Net: [8] -> [8] {
        GELU(approximate = "erf"),
    }
}

fn main() {}
