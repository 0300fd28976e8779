//! A network with few different numbers in a small file: for each tensor that has clusters, a byte for each of its numbers and the
//! values that these stand for. It is a file of safetensors, and gzip writes frequent bytes with few bits.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use firmnet::compress::Clusters;
use firmnet::prelude::*;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

/// Writes `net`, whose numbers are those of `clusters`, to `path`: whole or not at all.
pub fn write<N: Network>(path: &Path, net: &N, clusters: &Clusters) -> Result<()> {
    let mut tensors = vec![];
    for (i, tensor) in N::TENSORS.iter().enumerate() {
        let (name, shape) = (tensor.name.as_str(), tensor.shape.dims().to_vec());
        match clusters.codes(i) {
            [] => tensors.push((name.into(), Dtype::F32, shape, bytes(net.tensor(i)))),
            codes => {
                let values = clusters.codebook(net, i);
                tensors.push((name.into(), Dtype::U8, shape, codes.to_vec()));
                let name = format!("{name}.codebook");
                tensors.push((name, Dtype::F32, vec![values.len()], bytes(&values)));
            }
        }
    }
    let mut views = vec![];
    for (name, dtype, shape, bytes) in &tensors {
        views.push((name, TensorView::new(*dtype, shape.clone(), bytes)?));
    }
    let plain = safetensors::serialize(views, None)?;
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let aside = tempfile::NamedTempFile::new_in(folder)?;
    let mut gzip = GzEncoder::new(aside, Compression::best());
    std::io::Write::write_all(&mut gzip, &plain)?;
    gzip.finish()?.persist(path)?;
    Ok(())
}

/// Reads what [`write`] has written.
pub fn read<N: Network>(path: &Path, net: &mut N) -> Result<()> {
    let mut plain = vec![];
    let file = File::open(path).with_context(|| path.display().to_string())?;
    GzDecoder::new(file).read_to_end(&mut plain).with_context(|| path.display().to_string())?;
    let file = SafeTensors::deserialize(&plain)?;
    for (i, tensor) in N::TENSORS.iter().enumerate() {
        let name = tensor.name.as_str();
        let found = file.tensor(name)?;
        ensure!(found.shape() == tensor.shape.dims(), "`{name}` has another shape in the file");
        match found.dtype() {
            Dtype::U8 => {
                let values = floats(file.tensor(&format!("{name}.codebook"))?.data());
                for (x, &code) in net.tensor_mut(i).iter_mut().zip(found.data()) {
                    *x = *values.get(usize::from(code)).context("a code without a value")?;
                }
            }
            _ => net.tensor_mut(i).copy_from_slice(&floats(found.data())),
        }
    }
    Ok(())
}

fn bytes(x: &[f32]) -> Vec<u8> {
    x.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}
