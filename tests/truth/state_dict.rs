//! Files that PyTorch has written.

use std::path::Path;

use firmnet::prelude::*;

use super::vectors::cases;

network! {
    /// As `Net` in `tests/vectors/files.py`.
    pub struct Torch: [1, 4, 4] -> [2] {
        conv1: Conv2d(3, 3), bn1: BatchNorm2d, ReLU, Flatten,
        fc1: Linear(2, bias = false),
    }
}

#[test]
fn what_pytorch_writes_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/files");
    for case in cases("files/networks.json") {
        let file = case.text("file");
        let mut loaded = Torch::boxed_zero();
        loaded.load(folder.join(file)).unwrap();
        let x: Vec<f32> = case.numbers("x");
        let xs: Vec<_> = x
            .chunks(16)
            .map(|x| [std::array::from_fn(|i| std::array::from_fn(|j| x[4 * i + j]))])
            .collect();
        let y = loaded.forward_batch(&xs, &mut Workspace::new()).as_flattened().to_vec();
        for (y, expected) in y.iter().zip(case.numbers("y")) {
            assert!((y - expected).abs() < 1e-5, "{file}: {y}, and {expected} is expected");
        }
    }
}
