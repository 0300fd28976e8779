//! Networks in flash.

use super::state_dict::{Torch, vectors};
use crate::train::{bits, net};
use firmnet::prelude::*;

static NET: Torch = include_weights!(Torch, "../vectors/files/net_float32.safetensors");

#[test]
fn the_compiler_reads_what_the_program_reads() {
    let mut loaded = net::<Torch>(0);
    loaded.load(vectors("net_float32.safetensors")).unwrap();
    assert_eq!(bits(&NET), bits(&*loaded));
    const IN_A_FUNCTION: &Torch =
        &include_weights!(Torch, "../vectors/files/net_float32.safetensors",);
    assert_eq!(bits(IN_A_FUNCTION), bits(&NET));
}
