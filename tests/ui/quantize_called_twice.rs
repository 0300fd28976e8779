use firmnet::prelude::*;

network! {
    #[quantize(i8)]
    struct Net {
        fc: Linear(4),
    }
    fn forward(x: [4]) -> [4] {
        fc(ReLU(fc(x)))
    }
}

fn main() {}
