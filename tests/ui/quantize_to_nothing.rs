use firmnet::prelude::*;

network! {
    #[quantize]
    struct Net: [4] -> [2] {
        fc: Linear(2),
    }
}

fn main() {}
