use firmnet::prelude::*;

network! {
    #[quantize(i8)]
    struct Net {
        conv: Conv2d(4, 3), fc: Linear(16),
    }
    fn forward(x: [1, 4, 4], y: [3]) -> [16] {
        Flatten(conv(x)) + fc(y)
    }
}

fn main() {}
