use firmnet::prelude::*;

network! {
    #[quantize(i8)]
    #[budget(flash = "10 KiB", ram = "512 B")]
    struct Net: [1, 28, 28] -> [10] {
        conv: Conv2d(8, 3), ReLU, MaxPool2d(2),
        Flatten,
        fc: Linear(10),
    }
}

fn main() {}
