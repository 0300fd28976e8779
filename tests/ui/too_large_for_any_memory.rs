use firmnet::prelude::*;

const ALL: usize = usize::MAX;

network! {
    struct Input: [ALL / 2, 2, 2] -> [1] { Flatten, fc: Linear(1) }
}
network! {
    struct Output: [4] -> [ALL] { fc1: Linear(ALL), ReLU, fc2: Linear(ALL) }
}
network! {
    struct Padded: [1, 4, 4] -> [1] { conv: Conv2d(1, 3, padding = ALL / 4), Flatten, fc: Linear(1) }
}
network! {
    struct Reshaped: [4] -> [2, 2] { Reshape([ALL, 2]) }
}
network! {
    struct Parameters: [4] -> [1] { fc1: Linear(1 << 32), fc2: Linear(1 << 32), fc3: Linear(1) }
}

fn main() {
    let _ = Parameters::ZERO.forward(&[0.0; 4], &mut Workspace::new())[0];
}
