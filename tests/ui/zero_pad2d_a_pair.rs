use firmnet::prelude::*;

network! {
    struct Net: [8, 4, 4] -> [8, 6, 6] {
        ZeroPad2d((1, 1)),
    }
}

fn main() {}
