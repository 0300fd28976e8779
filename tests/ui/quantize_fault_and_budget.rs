use firmnet::prelude::*;

network! {
    #[quantize(i8)]
    #[budget(flash = "100 B", ram = "16 B")]
    struct Net: [3, 8, 8] -> [2] {
        conv: Conv2d(4, 3), ReLU, norm: BatchNorm2d,
        Flatten,
        fc: Linear(2),
    }
}

fn main() {}
