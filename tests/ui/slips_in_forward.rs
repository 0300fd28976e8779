use firmnet::prelude::*;

network! {
    struct Myself { fc: Linear(1) }
    fn forward(&self, x: [2]) -> [1] { fc(x) }
}
network! {
    struct NoOutput { fc: Linear(1) }
    fn forward(x: [2]) { fc(x) }
}
network! {
    struct NoShape { fc: Linear(1) }
    fn forward(x) -> [1] { fc(x) }
}
network! {
    struct Public { fc: Linear(1) }
    pub fn forward(x: [2]) -> [1] { fc(x) }
}
network! {
    struct NoBody { fc: Linear(1) }
    fn forward(x: [2]) -> [1];
}
network! {
    struct Return { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { return fc(x); }
}
network! {
    struct Semicolon { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc(x); }
}
network! {
    struct NoSemicolon { fc1: Linear(4), fc2: Linear(1) }
    fn forward(x: [2]) -> [1] {
        let h = fc1(x)
        fc2(h)
    }
}
network! {
    struct Mutable { fc1: Linear(4), fc2: Linear(1) }
    fn forward(x: [2]) -> [1] {
        let mut h = fc1(x);
        fc2(h)
    }
}
network! {
    struct Assigned { fc1: Linear(4), fc2: Linear(1) }
    fn forward(x: [2]) -> [1] {
        h = fc1(x);
        fc2(h)
    }
}
network! {
    struct Pair { fc1: Linear(4), fc2: Linear(1) }
    fn forward(x: [2]) -> [1] {
        let (a, b) = fc1(x);
        fc2(a)
    }
}
network! {
    struct Looped { fc1: Linear(2), fc2: Linear(1) }
    fn forward(x: [2]) -> [1] {
        for i in 0..3 { fc1(x) }
        fc2(x)
    }
}
network! {
    struct Among {
        fc: Linear(1),
        fn forward(x: [2]) -> [1] { fc(x) }
    }
}
network! {
    struct Between { fc: Linear(1) };
    fn forward(x: [2]) -> [1] { fc(x) }
}
network! {
    struct Constant { fc: Linear(1) }
    const fn forward(x: [2]) -> [1] { fc(x) }
}
network! {
    struct Tensors { fc: Linear(1) }
    fn forward(x: Tensor, y: [2]) -> Tensor { fc(x) }
}
network! {
    struct Sign { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc(x) @ x }
}
network! {
    struct OneForTwo { fc: Linear(1) }
    fn forward(x: [2]) -> ([4], [1]) { fc(x) }
}

fn main() {
    let mut memory = Workspace::new();
    let _ = Myself::ZERO.fc.weight[0][1] + Pair::ZERO.fc2.bias[0];
    let _ = Among::ZERO.forward(&[0.0; 2], &mut memory)[0] + Between::ZERO.fc.weight[0][1];
    let _ = NoSemicolon::ZERO.forward(&[0.0; 2], &mut memory)[0];
}
