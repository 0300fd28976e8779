//! A network in flash: in a module and in a function, with neither `unsafe` nor `std`.
#![forbid(unsafe_code)]
#![no_std]
extern crate std;

mod firmware {
    use firmnet::prelude::*;

    network! {
        pub struct Net: [1, 4, 4] -> [2] {
            conv1: Conv2d(3, 3), bn1: BatchNorm2d, ReLU, Flatten,
            fc1: Linear(2, bias = false),
        }
    }

    pub static NET: Net = include_weights!(Net, "../../vectors/files/net_float32.safetensors");
}

fn main() {
    use firmnet::network::Network;

    static NET: firmware::Net = firmnet::include_weights!(
        firmware::Net,
        "../../vectors/files/net_float32.safetensors",
    );
    let mut memory = firmware::Net::workspace();
    let y = *NET.forward(&[[[0.5; 4]; 4]], &mut memory);
    assert!(y[0] != 0.0 && y == *firmware::NET.forward(&[[[0.5; 4]; 4]], &mut memory));
}
