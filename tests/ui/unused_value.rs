use firmnet::prelude::*;

network! {
    struct Net {
        a: Linear(4),
        b: Linear(4),
    }
    fn forward(x: [3]) -> [4] {
        let h = a(x);
        b(x)
    }
}

fn main() {}
