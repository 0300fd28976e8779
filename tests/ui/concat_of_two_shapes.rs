use firmnet::prelude::*;

network! {
    struct Net {
        a: Conv2d(4, 3),
        b: Conv2d(4, 5),
    }
    fn forward(x: [1, 8, 8]) -> [8, 6, 6] {
        Concat(a(x), b(x))
    }
}

fn main() {}
