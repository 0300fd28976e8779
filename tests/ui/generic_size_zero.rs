use firmnet::prelude::*;

network! {
    struct Net<const H: usize>: [4] -> [2] { fc1: Linear(H), fc2: Linear(2) }
}

fn main() {
    let _ = Net::<0>::TENSORS;
    let _memory = firmnet::workspace!(Net<0>);
}
