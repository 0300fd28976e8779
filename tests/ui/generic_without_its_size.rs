use firmnet::prelude::*;

network! {
    struct Inner<const H: usize>: [4] -> [2] { fc1: Linear(H), fc2: Linear(2) }
}

network! {
    struct Outer: [4] -> [2] { inner: Inner, ReLU }
}

fn main() {}
