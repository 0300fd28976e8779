//! Files that do not fit: one error, and the network is as it was.

use super::state_dict::{Torch, vectors};
use crate::train::{bits, net};
use firmnet::prelude::*;

/// Tries to load `bytes` and gives the error.
#[track_caller]
fn refused<N: Network>(file: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    std::fs::write(&path, file).unwrap();
    let mut net = net::<N>(0);
    let before = bits(&*net);
    let error = net.load(&path).unwrap_err().to_string();
    assert_eq!(bits(&*net), before);
    error.replace(&*path.to_string_lossy(), "net")
}

/// The file of a network, with each of `changes` put in the place of what is as long.
fn changed(changes: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = std::fs::read(vectors("net_float32.safetensors")).unwrap();
    for (from, to) in changes {
        assert_eq!(from.len(), to.len());
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

#[test]
fn every_tensor_that_does_not_fit_is_listed() {
    network! {
        struct Other: [1, 4, 4] -> [2] {
            conv1: Conv2d(4, 3), ReLU, Flatten,
            fc2: Linear(2),
        }
    }
    let error = refused::<Other>(&changed(&[]));
    let expected = "`net` does not fit:
  `conv1.weight` has the shape [3, 1, 3, 3], and [4, 1, 3, 3] is needed
  `conv1.bias` has the shape [3], and [4] is needed
  `fc2.weight` [2, 16] is missing; the nearest is `fc1.weight` [2, 12]
  `fc2.bias` [2] is missing
  `bn1.bias` [3] is not expected
  `bn1.running_mean` [3] is not expected
  `bn1.running_var` [3] is not expected
  `bn1.weight` [3] is not expected
  and 1 more";
    assert_eq!(error, expected);

    let error = refused::<Torch>(&changed(&[("fc1.weight", "fc1.wieght")]));
    let expected = "`net` does not fit:
  `fc1.weight` [2, 12] is missing; the nearest is `fc1.wieght` [2, 12]
  `fc1.wieght` [2, 12] is not expected";
    assert_eq!(error, expected);

    let error =
        refused::<Torch>(&changed(&[("\"F32\",\"shape\":[2,12]", "\"I32\",\"shape\":[2,12]")]));
    assert_eq!(
        error,
        "`net` does not fit:\n  `fc1.weight` is I32, and floating-point numbers are needed"
    );
}

#[test]
fn broken_files_are_refused() {
    let whole = changed(&[]);
    for length in 0..whole.len() {
        let error = refused::<Torch>(&whole[..length]);
        assert!(error.starts_with("`net`: "), "{error}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(refused::<Torch>(&longer).contains("leave holes"));
    let mut hostile = whole;
    hostile[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(refused::<Torch>(&hostile).contains("no safetensors file"));
    let error = refused::<Torch>(&std::fs::read(vectors("net.pt")).unwrap());
    let expected = "`net`: it is a file of `torch.save`; write it with `safetensors.torch.save_file(model.state_dict(), …)`";
    assert_eq!(error, expected);
}

#[test]
fn what_is_not_there_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere/net.safetensors");
    let mut net = net::<Torch>(0);
    for error in [net.load(&nowhere).unwrap_err(), net.save(&nowhere).unwrap_err()] {
        let error = error.to_string();
        assert!(error.starts_with(&format!("`{}` cannot be ", nowhere.display())), "{error}");
    }
    assert!(net.save(folder.path()).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}
