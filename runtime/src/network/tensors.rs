//! The tensors of a network: what they are called, how many numbers they have, and which layer has tensor `i`.

use super::Name;
use crate::layer::Tensor;

/// Numbers in all of `tensors`, or only in those that are trained.
pub const fn numbers<Name>(tensors: &[Tensor<Name>], trained: bool) -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < tensors.len() {
        if tensors[i].trained || !trained {
            sum += tensors[i].shape.len();
        }
        i += 1;
    }
    sum
}

/// A layer of a network: its name and its tensors.
pub type Named = (&'static str, &'static [Tensor]);

/// The tensors of a layer whose parameters stay as they are.
pub const fn frozen<const N: usize>(tensors: &[Tensor]) -> [Tensor; N] {
    let none = Tensor::buffer("", &[]);
    let (mut all, mut i) = ([none; N], 0);
    while i < tensors.len() && i < N {
        all[i] = Tensor { trained: false, ..tensors[i] };
        i += 1;
    }
    all
}

/// The tensors of a network, and the ranges of its values for [`Qat`](crate::int8::Qat).
pub const fn and_ranges<const N: usize>(of: &[Tensor<Name>], values: usize) -> [Tensor<Name>; N] {
    let Tensor { shape, trained, dtype, .. } = Tensor::buffer("", &[values, 2]);
    let mut all = [Tensor { name: Name::new().str("ranges"), shape, trained, dtype }; N];
    let mut i = 0;
    while i < of.len() && i < N {
        all[i] = of[i];
        i += 1;
    }
    all
}

/// The tensors of a network as those of a layer of another network.
pub const fn as_layer<const N: usize>(tensors: &'static [Tensor<Name>]) -> [Tensor; N] {
    let none = Tensor::buffer("", &[]);
    let (mut all, mut i) = ([none; N], 0);
    while i < tensors.len() && i < N {
        let Tensor { name, shape, trained, dtype } = &tensors[i];
        all[i] = Tensor { name: name.as_str(), shape: *shape, trained: *trained, dtype: *dtype };
        i += 1;
    }
    all
}

/// The tensors of a network's layers, each with its layer's name before its own.
pub const fn named<const N: usize>(layers: &[Named]) -> [Tensor<Name>; N] {
    let Tensor { shape, trained, dtype, .. } = Tensor::buffer("", &[]);
    let none = Tensor { name: Name::new(), shape, trained, dtype };
    let (mut all, mut count, mut layer) = ([none; N], 0, 0);
    while layer < layers.len() {
        let (prefix, tensors) = layers[layer];
        let mut i = 0;
        while i < tensors.len() {
            let Tensor { name, shape, trained, dtype } = tensors[i];
            let name = Name::new().str(prefix).str(".").str(name);
            all[count] = Tensor { name, shape, trained, dtype };
            (count, i) = (count + 1, i + 1);
        }
        layer += 1;
    }
    all
}

/// How many tensors the layers have together.
pub const fn count(layers: &[Named]) -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < layers.len() {
        sum += layers[i].1.len();
        i += 1;
    }
    sum
}

/// The parameters of a layer, whatever its type: what a network's [`tensor`](super::Network::tensor) looks through.
pub trait Part {
    /// How many tensors it has.
    fn count(&self) -> usize;
    /// Tensor `i`.
    fn get(&self, i: usize) -> &[f32];
    /// Tensor `i`, to write to.
    fn get_mut(&mut self, i: usize) -> &mut [f32];
}

impl<L: crate::layer::Layer> Part for L {
    fn count(&self) -> usize {
        L::TENSORS.len()
    }
    fn get(&self, i: usize) -> &[f32] {
        self.tensor(i)
    }
    fn get_mut(&mut self, i: usize) -> &mut [f32] {
        self.tensor_mut(i)
    }
}

/// Tensor `i` of all `parts`, counted through; empty when there are not so many.
pub fn find<'a>(mut i: usize, parts: &[&'a dyn Part]) -> &'a [f32] {
    for part in parts {
        if i < part.count() {
            return part.get(i);
        }
        i -= part.count();
    }
    &[]
}

/// As [`find`], to write to.
pub fn find_mut<const P: usize>(mut i: usize, parts: [&mut dyn Part; P]) -> &mut [f32] {
    for part in parts {
        if i < part.count() {
            return part.get_mut(i);
        }
        i -= part.count();
    }
    &mut []
}
