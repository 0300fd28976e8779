use firmnet::prelude::*;

network! {
    #[quantize(i16)]
    struct Net: [4] -> [2] {
        fc: Linear(2),
    }
}

fn main() {}
