use firmnet::prelude::*;

network! {
    struct Net: [4] -> [2] { fc: Linear(2) }
}
network! {
    struct Other: [4] -> [3] { fc: Linear(3) }
}

fn main() {
    let adam = Adam::new(1e-3);
    let mut state = adam.state::<Other>();
    adam.step(&mut Net::ZERO, &Net::ZERO, &mut state);
}
