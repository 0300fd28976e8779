use firmnet::prelude::*;

network! {
    #[quantize(i8)]
    struct Net: [8] -> [2] {
        LogSoftmax,
        fc: Linear(2),
    }
}

fn main() {}
