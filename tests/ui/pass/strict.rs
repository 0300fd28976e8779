//! A crate that allows nothing.
#![no_std]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unused, nonstandard_style, unreachable_pub, missing_debug_implementations)]
#![deny(missing_copy_implementations, elided_lifetimes_in_paths, explicit_outlives_requirements, single_use_lifetimes)]
#![deny(trivial_casts, trivial_numeric_casts, unused_qualifications, unused_results, variant_size_differences)]
#![deny(let_underscore_drop, redundant_lifetimes, unit_bindings, unused_lifetimes, unused_macro_rules)]

mod hidden {
    firmnet::network! {
        /// Used by nobody.
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct Unused: [4] -> [2] { fc: firmnet::layers::Linear(2), firmnet::layers::ReLU }
    }

    firmnet::network! {
        #[derive(Debug, Clone, Copy)]
        pub(super) struct NoParameters: [4] -> [4] { firmnet::layers::ReLU }
    }
}

firmnet::network! {
    /// In full.
    #[derive(Debug, Clone, Copy)]
    pub struct Open {
        /// The first.
        conv_1: firmnet::layers::Conv2d(4, 3),
        bn: firmnet::layers::BatchNorm2d,
        fc: firmnet::layers::Linear(2),
        again: firmnet::layers::Linear(2 -> 2),
    }
    fn forward(x: [1, 6, 6], y: [2]) -> ([2], [2]) {
        let h: [4, 4, 4] = firmnet::layers::ReLU(bn(conv_1(x)));
        let h = fc(firmnet::layers::Flatten(h)) + y;
        (again(again(h)), firmnet::layers::Softmax(h))
    }
}

fn main() {
    use firmnet::network::Network as _;
    let _ = hidden::NoParameters::ZERO;
    let _ = <hidden::Unused as firmnet::network::Network>::PARAMETERS;
    assert!(Open::PARAMETERS > 0);
}
