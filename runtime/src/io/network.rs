//! Whole networks to and from files, each tensor by PyTorch's name.

use std::format;
use std::path::Path;
use std::string::ToString;
use std::vec::Vec;

use super::safetensors::{Error, File, Floats, Metadata, write, write_bytes};
use crate::int8;
use crate::network::Network;

/// What [`Network::save`] does.
pub(crate) fn save<N: Network>(net: &N, path: &Path) -> Result<(), Error> {
    let numbers = (0..N::TENSORS.len()).map(|i| net.tensor(i));
    let tensors = shapes::<N>().zip(numbers).map(|((name, shape), x)| (name, shape, x));
    write(path, tensors, &Metadata::new())
}

/// What [`Network::load`] does.
pub(crate) fn load<N: Network>(net: &mut N, path: &Path) -> Result<(), Error> {
    let file = File::open(path)?;
    if !file.metadata().contains_key(CHECKPOINT) {
        copy(net, &file.fit(shapes::<N>())?);
        return Ok(());
    }
    // What a checkpoint has beside the network is as it is.
    let mut expected: Vec<_> =
        shapes::<N>().map(|(name, shape)| (format!("model.{name}"), shape)).collect();
    for name in file.names().filter(|name| !name.starts_with("model.")) {
        expected.push((name.to_string(), file.tensor(name)?.shape));
    }
    let found = file.fit(expected.iter().map(|(name, shape)| (&name[..], *shape)))?;
    copy(net, &found[..N::TENSORS.len()]);
    Ok(())
}

/// The key of the text by which a checkpoint is known.
pub(crate) const CHECKPOINT: &str = "firmnet checkpoint";

/// Names and shapes of the tensors.
pub(crate) fn shapes<N: Network>() -> impl Iterator<Item = (&'static str, &'static [usize])> {
    N::TENSORS.iter().map(|tensor| (tensor.name.as_str(), tensor.shape.dims()))
}

/// Copies `found` into the tensors of `net`, in their order.
pub(crate) fn copy<N: Network>(net: &mut N, found: &[Floats<'_>]) {
    for (i, tensor) in found.iter().enumerate() {
        tensor.copy_to(net.tensor_mut(i));
    }
}

/// What [`int8::Network::save`] does.
pub(crate) fn save_bytes<N: int8::Network>(net: &N, path: &Path) -> Result<(), Error> {
    let tensors = N::TENSORS.iter().enumerate();
    let tensors = tensors.map(|(i, tensor)| {
        (tensor.name.as_str(), tensor.shape.dims(), tensor.dtype, net.tensor(i))
    });
    write_bytes(path, tensors)
}

/// What [`int8::Network::load`] does.
pub(crate) fn load_bytes<N: int8::Network>(net: &mut N, path: &Path) -> Result<(), Error> {
    let file = File::open(path)?;
    let expected = N::TENSORS.iter();
    let expected = expected.map(|tensor| (tensor.name.as_str(), tensor.shape.dims(), tensor.dtype));
    for (i, bytes) in file.fit_bytes(expected)?.into_iter().enumerate() {
        net.tensor_mut(i).copy_from_slice(bytes);
    }
    Ok(())
}
