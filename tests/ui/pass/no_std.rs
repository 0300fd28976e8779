#![no_std]
#![deny(warnings)]
extern crate std;

use firmnet::prelude::*;

network! {
    struct Net {
        a: Linear(4),
        b: Linear(4),
    }
    fn forward(x: [4], y: [3]) -> ([4], [8],) {
        let h: [4] = ReLU(a(x));
        let g = b(y);
        (h + a(h), Concat(h, g,),)
    }
}

fn main() {
    let mut memory = Net::workspace();
    Net::ZERO.forward(&([0.0; 4], [0.0; 3]), &mut memory);
}
