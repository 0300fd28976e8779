//! MNIST, and every set that comes in the same four files.

use super::idx::{Idx, IdxError, Image, Scale};
use std::path::Path;
use std::vec::Vec;

/// Pictures of 28 × 28 in ten classes, each with its label: MNIST (LeCun, Cortes, Burges), and Fashion-MNIST or
/// KMNIST, which have the same four files.
#[derive(Clone, Debug, PartialEq)]
pub struct Mnist {
    /// What to learn from: 60,000 pictures.
    pub train: Vec<(Image<28, 28>, u8)>,
    /// What to judge with: 10,000 pictures.
    pub test: Vec<(Image<28, 28>, u8)>,
}

impl Mnist {
    /// The set in `folder`, scaled by [`Scale::MNIST`], from `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
    /// `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each plain or with `.gz` at the end.
    ///
    /// # Errors
    /// Where a file is missing or damaged, has pictures of another size, labels above 9, or more or fewer labels than pictures.
    pub fn load(folder: impl AsRef<Path>) -> Result<Mnist, IdxError> {
        Mnist::load_scaled(folder, Scale::MNIST)
    }

    /// As [`load`](Self::load), scaled by `scale`: `Scale::FASHION_MNIST`, or a set's own mean and deviation.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_scaled(folder: impl AsRef<Path>, scale: Scale) -> Result<Mnist, IdxError> {
        let half = |name: &str| {
            let open = |rest| {
                let mut file = folder.as_ref().join(name);
                file.as_mut_os_string().push(rest);
                Idx::open_either(&file)
            };
            open("-images-idx3-ubyte")?.labelled(&open("-labels-idx1-ubyte")?, 10, scale)
        };
        Ok(Mnist { train: half("train")?, test: half("t10k")? })
    }
}
