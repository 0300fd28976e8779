//! A narrow network out of the strongest channels of a wide one.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::layer::Tensor;
use crate::network::{Name, Network};
use crate::summary::Row;

/// Copies `wide` into `narrow`: a network with the same layers by the same names, one after the other, of which some give fewer channels
/// (or units). The channels of a layer whose weights have the largest sum of magnitudes are kept, in their order; PyTorch's
/// `prune.ln_structured(n = 1, dim = 0)` finds the same ones. What a later layer knew of the others is left out.
///
/// Says what was kept of each layer that became narrower.
///
/// Layers come in the order of their declaration, and each takes what the one before it gives: convolutions (also depthwise), linear layers, also after
/// a `Flatten`, and norms between them. A network of other forms is refused where the sizes show it.
///
/// # Errors
/// Where the layers differ in more than how wide they are. `narrow` then holds nothing of use.
pub fn narrow<W: Network, N: Network>(wide: &W, narrow: &mut N) -> Result<Vec<Kept>, NarrowError> {
    let mut all = Vec::new();
    let mut came = Kept { layer: "the input", of: 0, kept: Vec::new() };
    let mut first = 0;
    while first < W::TENSORS.len().max(N::TENSORS.len()) {
        let layer = Pair::at::<W, N>(first)?;
        let went = layer.went(wide, &came)?;
        let inputs = layer.inputs(&came)?;
        for (k, tensor) in layer.wide.iter().enumerate() {
            copy(tensor, wide.tensor(first + k), &went.kept, &inputs, narrow.tensor_mut(first + k));
        }
        if went.kept.len() < went.of && layer.weight.is_some() {
            all.push(went.clone());
        }
        first += layer.wide.len();
        came = went;
    }
    Ok(all)
}

/// The tensors of one layer, in both networks.
struct Pair {
    name: &'static str,
    wide: &'static [Tensor<Name>],
    narrow: &'static [Tensor<Name>],
    /// Where the first of them is among all.
    first: usize,
    /// Which of them has outputs and inputs.
    weight: Option<usize>,
}

impl Pair {
    /// The layer that begins at tensor `first`.
    fn at<W: Network, N: Network>(first: usize) -> Result<Self, NarrowError> {
        let (wide, narrow) = (of_layer(W::TENSORS, first), of_layer(N::TENSORS, first));
        let name = wide.first().or(narrow.first()).map_or("", layer_of);
        let weight = wide.iter().position(|tensor| tensor.shape.rank() > 1);
        let pair = Pair { name, wide, narrow, first, weight };
        let names = |tensors: &'static [Tensor<Name>]| tensors.iter().map(|t| t.name.as_str());
        if !names(wide).eq(names(narrow)) {
            return Err(pair.fault(Why::OtherLayers));
        }
        // Gates, heads and transposed weights have another order, of which nothing is known here.
        let other_order = |row: &Row| row.name == name && row.kind.starts_with("ConvTranspose");
        let several = wide.iter().filter(|tensor| tensor.shape.rank() > 1).count() > 1;
        if several || W::ROWS.iter().any(other_order) {
            return Err(pair.fault(Why::OtherOrder));
        }
        Ok(pair)
    }

    /// The channels that go on: the strongest, or those that came where the layer takes each by itself.
    fn went(&self, wide: &impl Network, came: &Kept) -> Result<Kept, NarrowError> {
        let (of, kept) = match self.weight {
            Some(k) => {
                let (a, b) = (&self.wide[k].shape, &self.narrow[k].shape);
                let depthwise = a.dim(1) == 1 && a.dim(0) == came.of && came.of > 1;
                let kept = match depthwise {
                    true => came.kept.clone(),
                    false => strongest(wide.tensor(self.first + k), a.dim(0), b.dim(0)),
                };
                (a.dim(0), kept)
            }
            None => (came.of, came.kept.clone()),
        };
        for (a, b) in self.wide.iter().zip(self.narrow) {
            let (a, b) = (a.shape.dim(0), b.shape.dim(0));
            if (a, b) != (of, kept.len()) {
                return Err(self.fault(Why::Size { of: a, to: b, came: came.kept.len() }));
            }
        }
        Ok(Kept { layer: self.name, of, kept })
    }

    /// Which inputs of the weight are of channels that came.
    fn inputs(&self, came: &Kept) -> Result<Vec<usize>, NarrowError> {
        let Some(k) = self.weight else { return Ok(Vec::new()) };
        let (a, b) = (self.wide[k].shape.dims(), self.narrow[k].shape.dims());
        let inputs = match came.of == came.kept.len() || a[1] == 1 {
            true => (0..a[1]).collect(),
            false => spread(came, a[1]),
        };
        if inputs.len() != b[1] {
            return Err(self.fault(Why::Size { of: a[1], to: b[1], came: came.kept.len() }));
        }
        if a[2..] != b[2..] {
            return Err(self.fault(Why::OtherKernel));
        }
        Ok(inputs)
    }

    fn fault(&self, why: Why) -> NarrowError {
        NarrowError { layer: self.name.to_owned(), why }
    }
}

/// Copies `outputs` of a tensor, and of each the `inputs`.
fn copy(tensor: &Tensor<Name>, from: &[f32], outputs: &[usize], inputs: &[usize], to: &mut [f32]) {
    let dims = tensor.shape.dims();
    let row = dims[1..].iter().product::<usize>();
    let rows = outputs.iter().map(|output| &from[output * row..][..row]);
    if dims.len() == 1 {
        to.iter_mut().zip(rows).for_each(|(to, from)| *to = from[0]);
        return;
    }
    let kernel: usize = dims[2..].iter().product();
    let kernels =
        rows.flat_map(|row| inputs.iter().map(move |input| &row[input * kernel..][..kernel]));
    to.chunks_exact_mut(kernel).zip(kernels).for_each(|(to, from)| to.copy_from_slice(from));
}

/// What is kept of a layer that became narrower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which one.
    pub layer: &'static str,
    /// How many channels it had.
    pub of: usize,
    /// The channels that it keeps.
    pub kept: Vec<usize>,
}

/// Why a network is not a narrow form of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NarrowError {
    layer: String,
    why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    OtherLayers,
    OtherOrder,
    OtherKernel,
    Size { of: usize, to: usize, came: usize },
}

impl fmt::Display for NarrowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layer = &self.layer;
        match self.why {
            Why::OtherLayers => write!(
                f,
                "the networks have different layers at `{layer}`: a narrow network has all layers of the wide one, by the \
                 same names and in the same order"
            ),
            Why::OtherOrder => write!(
                f,
                "`{layer}` has weights of another order than `[outputs, inputs, ..]`: layers with gates or heads, and transposed \
                 convolutions, cannot be made narrower"
            ),
            Why::OtherKernel => write!(
                f,
                "`{layer}` has a kernel of another size in the narrow network: only how many channels there are may differ"
            ),
            Why::Size { of, to, came } => write!(
                f,
                "`{layer}` has the size {of} in the wide network and {to} in the narrow one, which does not follow from the \
                 {came} channels that come in: sizes shrink with the channels, and layers are declared one after the other"
            ),
        }
    }
}

impl core::error::Error for NarrowError {}

/// The tensors of one layer, from tensor `i` on.
fn of_layer(tensors: &'static [Tensor<Name>], i: usize) -> &'static [Tensor<Name>] {
    let rest = tensors.get(i..).unwrap_or_default();
    let layer = rest.first().map(layer_of);
    &rest[..rest.iter().take_while(|tensor| Some(layer_of(tensor)) == layer).count()]
}

/// `conv1` of `conv1.weight`.
fn layer_of(tensor: &'static Tensor<Name>) -> &'static str {
    let name = tensor.name.as_str();
    name.rsplit_once('.').map_or(name, |(layer, _)| layer)
}

/// The `count` of `of` rows of `weight` with the largest sum of magnitudes, in their order. Of equals, the last are kept.
fn strongest(weight: &[f32], of: usize, count: usize) -> Vec<usize> {
    let sums: Vec<f64> = weight
        .chunks_exact(weight.len() / of.max(1))
        .map(|row| row.iter().map(|x| f64::from(x.abs())).sum())
        .collect();
    let mut places: Vec<usize> = (0..of).collect();
    places.sort_by(|&a, &b| sums[a].total_cmp(&sums[b]));
    let mut kept = places.split_off(of.saturating_sub(count));
    kept.sort_unstable();
    kept
}

/// The numbers of an input of `len` that are of the channels that are kept: each channel is a stretch of it.
fn spread(came: &Kept, len: usize) -> Vec<usize> {
    let stretch = len / came.of.max(1);
    came.kept.iter().flat_map(|channel| channel * stretch..(channel + 1) * stretch).collect()
}
