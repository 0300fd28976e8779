#![forbid(unsafe_code)]
#![deny(warnings)]
use firmnet::prelude::*;

network! {
    /// A network.
    pub struct Net: [4] -> [2] {
        fc: Linear(2), LogSoftmax,
    }
}

fn main() {
    assert_eq!(Net::PARAMETERS, 10);
}
