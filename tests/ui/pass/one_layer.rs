use firmnet::prelude::*;

network! {
    struct Net: [4] -> [4] { ReLU }
}

fn main() {
    let mut memory = Net::workspace();
    assert_eq!(Net::ZERO.forward(&[-1.0, 0.0, 1.0, 2.0], &mut memory), &[0.0, 0.0, 1.0, 2.0]);
}
