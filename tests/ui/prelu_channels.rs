use firmnet::prelude::*;

network! {
    struct Net: [8, 2] -> [8, 2] {
        act: PReLU(num_parameters = 4),
    }
}

fn main() {}
