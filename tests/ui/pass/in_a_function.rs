use firmnet::prelude::*;

fn main() {
    const HIDDEN: usize = 5;
    network! {
        struct Net: [4] -> [2] {
            fc1: Linear(HIDDEN), ReLU,
            fc2: Linear(HIDDEN -> 2),
        }
    }
    assert_eq!(Net::PARAMETERS, 25 + 12);
}
