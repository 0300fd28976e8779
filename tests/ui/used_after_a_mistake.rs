use firmnet::prelude::*;

network! {
    struct Net: [4] -> [3] {
        fc: Linear(3) ReLU,
    }
}

fn main() {
    let mut memory = Net::workspace();
    println!("{:?}", Net::ZERO.forward(&[0.0; 4], &mut memory));
}
