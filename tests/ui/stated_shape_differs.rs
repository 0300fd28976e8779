use firmnet::prelude::*;

network! {
    struct Net {
        conv: Conv2d(8, 3),
    }
    fn forward(x: [1, 8, 8]) -> [8, 6, 6] {
        let h: [8, 7, 7] = conv(x);
        ReLU(h)
    }
}

fn main() {}
