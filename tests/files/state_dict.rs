//! Files as PyTorch writes them. That what is read from its own computes the same: `tests/truth/state_dict.rs`.

use std::path::{Path, PathBuf};

use crate::train::{bits, net};
use firmnet::prelude::*;

network! {
    /// As `Net` in `tests/vectors/files.py`.
    pub struct Torch: [1, 4, 4] -> [2] {
        conv1: Conv2d(3, 3), bn1: BatchNorm2d, ReLU, Flatten,
        fc1: Linear(2, bias = false),
    }
}

pub fn vectors(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/files").join(file)
}

/// What is written has the same names, types, shapes and bytes as PyTorch's own file, to the reader that PyTorch uses.
#[test]
fn what_is_written_is_what_pytorch_writes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("net.safetensors");
    let torch = vectors("net_float32.safetensors");
    let mut loaded = net::<Torch>(0);
    loaded.load(&torch).unwrap();
    loaded.save(&file).unwrap();
    let [ours, theirs] = [&file, &torch].map(|file| std::fs::read(file).unwrap());
    let [ours, theirs] = [&ours, &theirs].map(|file| {
        let file = safetensors::SafeTensors::deserialize(file).unwrap();
        let mut tensors: Vec<_> = file.tensors();
        tensors.retain(|(name, _)| !name.ends_with("num_batches_tracked"));
        tensors.sort_by(|a, b| a.0.cmp(&b.0));
        let plain = |(name, view): (String, safetensors::tensor::TensorView<'_>)| {
            (name, view.dtype(), view.shape().to_vec(), view.data().to_vec())
        };
        tensors.into_iter().map(plain).collect::<Vec<_>>()
    });
    assert_eq!(ours.len(), 7);
    assert_eq!(ours, theirs);
}

#[test]
fn what_is_saved_is_loaded_to_the_last_bit() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("net.safetensors");
    let (mut saved, mut loaded) = (net::<Torch>(1), net::<Torch>(2));
    saved.fc1.weight[0][..3].copy_from_slice(&[f32::from_bits(1), -0.0, f32::MIN_POSITIVE]);
    assert_ne!(bits(&*saved), bits(&*loaded));
    saved.save(&file).unwrap();
    loaded.load(&file).unwrap();
    assert_eq!(bits(&*saved), bits(&*loaded));
}
