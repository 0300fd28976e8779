use firmnet::prelude::*;

network! {
    struct Methods { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc(x).relu() }
}
network! {
    struct SelfCalled { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { self.fc(x) }
}
network! {
    struct Borrowed { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc(&x) }
}
network! {
    struct Argued { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc(1)(x) }
}
network! {
    struct NotApplied { fc: Linear(1) }
    fn forward(x: [1, 4, 4]) -> [1] { fc(Flatten(MaxPool2d(2))) }
}
network! {
    struct NotCalled { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc(ReLU) }
}
network! {
    struct ValueCalled { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { x(fc(x)) }
}
network! {
    struct GivenTwice { fc: Linear(1) }
    fn forward(x: [2]) -> ([1], [1]) {
        let y = fc(x);
        (y, y)
    }
}
network! {
    struct Parts { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc(x[0]) }
}
network! {
    struct Again { fc: Linear(1) }
    fn forward(x: [2], x: [2]) -> [1] { fc(x) }
}
network! {
    struct Module { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc(F.relu(x)) }
}
network! {
    struct LowerCase { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc(relu(x)) }
}
network! {
    struct List { fc: Linear(1) }
    fn forward(x: [2], y: [2]) -> [1] { fc(Concat([x, y])) }
}
network! {
    struct Sized { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc::<1>(x) }
}
network! {
    struct Closure { fc: Linear(1) }
    fn forward(x: [2]) -> [1] {
        let f = |x| fc(x);
        f(x)
    }
}
network! {
    struct Empty { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc() }
}

fn main() {}
