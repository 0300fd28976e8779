use firmnet::prelude::*;

network! {
    struct NoInput: -> [1] { fc: Linear(1) }
}
network! {
    struct NoOutput: [2] -> { fc: Linear(1) }
}
network! {
    struct NoSize: [2, ?] -> [1] { fc: Linear(1) }
}
network! {
    struct NoCommas: [1 8 8] -> [4, 6, 6] { conv: Conv2d(4, 3) }
}
network! {
    struct NoColon [2] -> [1] { fc: Linear(1) }
}
network! {
    struct Parentheses: [2] -> [1] ( fc: Linear(1) )
}
network! {
    pub NoStruct: [2] -> [1] { fc: Linear(1) }
}
network! {
    struct Semicolon: [2] -> [1] { fc: Linear(1) };
}
network! {
    struct First: [2] -> [1] { fc: Linear(1) }
    struct Second: [2] -> [1] { fc: Linear(1) }
}
network! {
    struct Both: [2] -> [1] { fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc(x) }
}
network! {
    #[budget(flash = "1 MiB")]
    #[budget(flash = "1 MiB")]
    struct TwoBudgets: [2] -> [1] { fc: Linear(1) }
}
network! {
    #[budget]
    struct NoLimit: [2] -> [1] { fc: Linear(1) }
}
network! {
    #[budget(ram = "much")]
    struct NoNumber: [2] -> [1] { fc: Linear(1) }
}
network! {
    #[repr(C)]
    struct Laid: [2] -> [1] { fc: Linear(1) }
}
network! {
    #![allow(dead_code)]
    struct Inner: [2] -> [1] { fc: Linear(1) }
}
network! {
    struct Tuple(Linear(8), ReLU);
}
network! {
    struct Unit;
    fn forward(x: [2]) -> [2] { ReLU(x) }
}
network! {
    struct RustArrays: [f32; 2] -> [f32; 1] { fc: Linear(1) }
}
network! {
    struct Itself: [2] -> [1] { itself: Itself, fc: Linear(1) }
}
network! {}

fn main() {
    let mut memory = Workspace::new();
    let _ = NoColon::ZERO.forward(&[0.0; 2], &mut memory)[0];
    let _ = NoStruct::workspace();
    let _ = NoOutput::ZERO.forward(&[0.0; 2], &mut memory)[0];
    let _ = Laid::ZERO.forward(&[0.0; 2], &mut memory)[0];
    let _ = Itself::ZERO.fc.bias[0];
}
