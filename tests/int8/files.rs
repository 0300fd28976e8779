//! Networks in bytes to files and back.

use firmnet::io::safetensors::place;
use firmnet::prelude::*;

use super::{MixedInt8, mixed};

/// All tensors, one after the other.
fn bytes(net: &MixedInt8) -> Vec<u8> {
    (0..MixedInt8::TENSORS.len()).flat_map(|i| net.tensor(i)).copied().collect()
}

#[test]
fn a_file_gives_the_same_network() {
    let (net, images) = mixed();
    let saved = MixedInt8::quantize(&net, &images, Calibration::MinMax);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mixed.safetensors");
    saved.save(&file).unwrap();
    let mut loaded = MixedInt8::boxed_zero();
    loaded.load(&file).unwrap();
    assert_eq!(bytes(&loaded), bytes(&saved));
    // As the compiler puts it into flash.
    const SIZE: usize = size_of::<MixedInt8>();
    let placed: [u8; SIZE] = place("mixed", &std::fs::read(&file).unwrap(), MixedInt8::TENSORS);
    assert_eq!(placed[..], bytes(&saved));
}

#[test]
fn a_file_in_f32_is_refused() {
    let (net, images) = mixed();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mixed.safetensors");
    net.save(&file).unwrap();
    let mut bytes = MixedInt8::quantize(&net, &images, Calibration::MinMax);
    let error = bytes.load(&file).unwrap_err().to_string();
    let says = "`conv1.weight` has the shape [8, 3, 3, 3], and";
    assert!(error.contains(says), "{error}");
}
