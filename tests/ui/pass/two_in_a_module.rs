use firmnet::prelude::*;

network! {
    struct One: [4] -> [2] { fc: Linear(2) }
}
network! {
    struct Two: [4] -> [3] { fc: Linear(3) }
}

fn main() {
    assert_eq!(One::PARAMETERS + Two::PARAMETERS, 25);
}
