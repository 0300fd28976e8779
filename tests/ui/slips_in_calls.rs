use firmnet::prelude::*;

network! {
    struct Method { fc: Linear(2) }
    fn forward(x: [4]) -> [2] {
        fc.forward(x)
    }
}

network! {
    struct Nothing { fc: Linear(2) }
    fn forward(x: [4]) -> [2] {
        let h = ReLU(x);
        fc()
    }
}

network! {
    struct Literals { fc: Linear(2) }
    fn forward(x: [4]) -> [2] {
        fc(x, 4, -1)
    }
}

fn main() {}
