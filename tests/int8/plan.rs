//! What is merged and where bytes live.

use firmnet::int8::Network;

use super::{Mixed, MixedInt8};

/// Values that live at once, at most: `y` and `z` while `other` is added to.
const LIVE: usize = 6 * 6 * (8 + 16 + 16);

#[test]
fn memory_is_that_of_the_values_that_live_together() {
    let scratch = MixedInt8::NODES.iter().filter_map(|node| match node.scratch {
        firmnet::plan::Place::At { len, .. } => Some(len),
        _ => None,
    });
    let (least, most) = (LIVE, LIVE + scratch.max().unwrap());
    let ram = MixedInt8::INFERENCE_RAM;
    assert!((least..=most.next_multiple_of(64)).contains(&ram), "{ram}, not {least} to {most}");
}

#[test]
fn what_is_merged_takes_no_flash() {
    let names: Vec<_> = MixedInt8::TENSORS.iter().map(|tensor| tensor.name.as_str()).collect();
    assert!(names.contains(&"conv1.weight") && names.contains(&"add.factors"), "{names:?}");
    assert!(!names.iter().any(|name| name.starts_with("bn1") || name.starts_with("relu")));
    let bytes: usize = MixedInt8::TENSORS.iter().map(|tensor| tensor.bytes()).sum();
    assert_eq!(bytes, size_of::<MixedInt8>());
    assert!(bytes < size_of::<Mixed>() / 2, "{bytes}");
}
