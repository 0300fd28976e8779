use firmnet::prelude::*;

network! {
    #[quantize(i8)]
    struct Net: [3, 8, 8] -> [2] {
        ZeroPad2d(1), MaxPool2d(2),
        Flatten,
        fc: Linear(2),
    }
}

fn main() {}
