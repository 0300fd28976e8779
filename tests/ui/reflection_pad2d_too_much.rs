use firmnet::prelude::*;

network! {
    struct Net: [8, 4, 4] -> [8, 12, 12] {
        ReflectionPad2d(4),
    }
}

fn main() {}
