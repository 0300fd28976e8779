use firmnet::prelude::*;

network! {
    struct NoColon: [2] -> [1] { fc1: Linear(4), fc2 Linear(1) }
}
network! {
    struct Semicolons: [2] -> [1] { fc1: Linear(4); ReLU, fc2: Linear(1) }
}
network! {
    struct Brackets: [2] -> [1] { fc1: Linear[4], fc2: Linear(1) }
}
network! {
    struct Generics: [2] -> [1] { fc1: Linear<4>, fc2: Linear(1) }
}
network! {
    struct Nothing: [2] -> [1] { fc1: , fc2: Linear(1) }
}
network! {
    struct Number: [2] -> [1] { 4, fc2: Linear(1) }
}
network! {
    struct Dots: [2] -> [1] { fc1: nn.Linear(4), fc2: Linear(1) }
}
network! {
    struct Word: [2] -> [1] { type: Linear(4), fc2: Linear(1) }
}
network! {
    struct Arrow: [2] -> [1] { fc1: Linear(4) -> ReLU, fc2: Linear(1) }
}
network! {
    struct Sometimes: [2] -> [1] { #[cfg(unix)] fc1: Linear(4), fc2: Linear(1) }
}
network! {
    struct Two: [2] -> [1] { fc1 = Linear(4) ReLU, fc2: Linear(1) }
}
network! {
    struct Public: [2] -> [1] { pub fc1: Linear(4), pub(crate) fc2: Linear(1) }
}
network! {
    struct Budgeted: [2] -> [1] { #[budget(flash = "1 KiB")] fc: Linear(1) }
}

// What could be read is there, and so nothing more is said.
fn main() {
    let mut memory = Workspace::new();
    let _ = NoColon::ZERO.fc1.weight[3][1] + NoColon::ZERO.fc2.bias[0];
    let _ = Word::ZERO.forward(&[0.0; 2], &mut memory)[0];
    let _ = Two::ZERO.fc2.weight[0][3] + Public::ZERO.fc2.weight[0][3];
}
