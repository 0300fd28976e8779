use firmnet::prelude::*;

network! {
    struct Encoder: [4] -> [2] { fc: Linear(2) }
}
network! {
    struct Pair { fc: Linear(2) }
    fn forward(x: [4]) -> ([2], [2]) {
        let h = fc(x);
        (h, ReLU(h))
    }
}

network! {
    struct WrongShape: [5] -> [2] { encoder: Encoder }
}
network! {
    struct NoName: [4] -> [2] { Encoder }
}
network! {
    struct Several: [4] -> [2] { pair: Pair }
}

fn main() {
    let _ = WrongShape::ZERO.forward(&[0.0; 5], &mut Workspace::new())[1];
}
