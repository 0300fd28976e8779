use firmnet::prelude::*;

network! {
    struct Unnamed: [4] -> [2] {
        fc: Linear(2), #[frozen] ReLU,
    }
}

network! {
    struct Named: [4] -> [2] {
        fc: Linear(2),
        #[frozen]
        relu: ReLU,
    }
}

network! {
    struct Argument: [4] -> [2] {
        #[frozen(true)]
        fc: Linear(2),
    }
}

fn main() {}
