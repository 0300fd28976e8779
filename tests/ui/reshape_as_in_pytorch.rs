use firmnet::prelude::*;

network! {
    struct Net {}
    fn forward(x: [16]) -> [4, 4] {
        Reshape(x, (4, 4))
    }
}

network! {
    struct Rows {}
    fn forward(x: [16]) -> [4, 4] {
        Reshape(x, 4, 4)
    }
}

fn main() {}
