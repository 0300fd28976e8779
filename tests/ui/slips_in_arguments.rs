use firmnet::prelude::*;

network! {
    struct Colon: [1, 8, 8] -> [4, 6, 6] { conv: Conv2d(4, 3, bias: false) }
}
network! {
    struct NoComma: [1, 8, 8] -> [4, 6, 6] { conv: Conv2d(4 3, bias = false) }
}
network! {
    struct FatArrow: [4] -> [2] { fc: Linear(4 => 2) }
}
network! {
    struct NoValue: [4] -> [2] { fc: Linear(2, bias = ) }
}
network! {
    struct NothingStated: [4] -> [2] { fc: Linear(-> 2) }
}
network! {
    struct StatedLate: [1, 8, 8] -> [4, 6, 6] { conv: Conv2d(4, 3 -> 3) }
}
network! {
    struct Word: [4] -> [2] { fc: Linear(2, in = 4) }
}

fn main() {}
