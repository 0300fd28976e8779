//! A network that is only used.

use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;

// ANCHOR: declare
network! {
    struct Digits: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3), ReLU, conv2: Conv2d(32, 3), ReLU, MaxPool2d(2),
        Flatten, fc: Linear(10),
    }
}
// ANCHOR_END: declare

#[test]
fn gives_what_the_network_gives() {
    let (net, images) = (Digits::boxed(&mut SmallRng::seed_from_u64(1)), [[[[0.5; 28]; 28]]; 2]);
    let mut expected = vec![];
    let mut memory = Workspace::new();
    for image in &images {
        expected.extend_from_slice(net.forward(image, &mut memory));
    }
    let mut found = vec![];
    // ANCHOR: use
    let prepared = net.prepared();
    for image in &images {
        found.extend_from_slice(prepared.forward(image, &mut memory));
    }
    // ANCHOR_END: use
    assert_eq!(found.len(), 20);
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
    }
}
