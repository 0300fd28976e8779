//! Every name is free: the macro's own are out of the way.

use firmnet::prelude::*;

network! {
    /// Names of the generated code, of traits and of Rust.
    #[derive(Clone, Debug)]
    struct Named: [2] -> [2] {
        r#type: Linear(2), steps: Linear(2), tensors: Linear(2), rows: Linear(2), layers: Linear(2),
        input: Linear(2), output: Linear(2), parameters: Linear(2), macs: Linear(2), named: Linear(2),
        zero: Linear(2), pass: Linear(2), grad: Linear(2), rng: Linear(2), i: Linear(2),
        forward: Linear(2), workspace: Linear(2), relu: Linear(2), ReLU, relu_2: Linear(2), ReLU,
        re_lu: Linear(2), name: Linear(2), x: Linear(2), x_args: Linear(2), _under: Linear(2),
    }
}

impl Named {
    const STEPS: usize = 1;
    const INPUT: usize = 2;
    const LAYERS: usize = 3;
    const fn tensors() -> usize {
        Self::STEPS + Self::INPUT + Self::LAYERS
    }
}

#[test]
fn any_name_will_do() {
    assert_eq!(Named::tensors(), 6);
    assert_eq!(Named::TENSORS[0].name.to_string(), "type.weight");
    let net = Named::ZERO;
    assert_eq!(net.r#type.weight, [[0.0; 2]; 2]);
    assert!(format!("{net:?}").starts_with("Named { type: Linear"));
    let _ = Named::summary().to_string();
}

mod types {
    pub mod network {
        firmnet::network! {
            /// Called as the trait is.
            pub struct Network: [1] -> [1] { firmnet::prelude::ReLU }
        }
        firmnet::network! {
            pub(in crate::macros) struct Layer: [1] -> [1] { layer: firmnet::prelude::Linear(1) }
        }
        firmnet::network! {
            pub(in super::super) struct Shape_of { a: firmnet::prelude::Linear(1) }
            fn forward(a: [1]) -> [1] { a(a) }
        }
    }
}

#[test]
fn types_have_any_name() {
    use types::network::{Layer, Network, Shape_of};
    assert_eq!((Network::PARAMETERS, Layer::PARAMETERS, Shape_of::PARAMETERS), (0, 2, 2));
}

/// Attributes go to the struct; a `cfg` holds for all that is written.
mod attributes {
    firmnet::network! {
        #[cfg(any())]
        pub struct Absent: [1] -> [1] { fc: DoesNotExist(1) }
    }
    firmnet::network! {
        #[cfg(all())]
        #[derive(Clone, Copy, Debug)]
        #[must_use]
        pub struct Absent: [1] -> [1] {
            /// Of its own.
            #[cfg_attr(all(), allow(dead_code))]
            fc: firmnet::layers::ReLU,
        }
    }
}

#[test]
fn attributes_pass_through() {
    use firmnet::network::Network as _;
    let net = attributes::Absent::ZERO;
    let copy = net;
    assert_eq!(format!("{copy:?}"), "Absent { fc: ReLU }");
}
