use firmnet::prelude::*;

network! {
    struct Net { fc: Linear(2) }
    fn forward(a: [..b, 3], b: [..9, 3]) -> [..9, 2] { fc(a + b) }
}

fn main() {}
