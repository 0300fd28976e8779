use firmnet::prelude::*;

network! {
    struct Net: [4] -> [3] {
        fc: Linear(3),
    }
}

fn main() {
    let mut memory = Net::workspace();
    Net::ZERO.forward(&[0.0; 3], &mut memory);
}
