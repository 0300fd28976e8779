//! PyTorch's names and shapes of the parameters of a stack of recurrent layers.

use crate::layer::Tensor;

/// Layers that may stand in one stack.
pub(crate) const MAX_LAYERS: usize = 8;

/// The names of the tensors of `layers` layers (each direction counted) in `directions` directions, kind after kind.
pub(crate) const fn names(layers: usize, directions: usize) -> [&'static str; 8 * MAX_LAYERS] {
    let (mut names, mut i) = ([""; 8 * MAX_LAYERS], 0);
    while i < 4 * layers {
        let (kind, layer) = (i / layers, i % layers);
        names[i] = NAMES[kind][2 * (layer / directions) + layer % directions];
        i += 1;
    }
    names
}

/// The tensors that are called `names`: a fourth of them each `W`, `W′`, `b`, `b′`. Those without a name are empty.
pub(crate) const fn tensors(
    names: &[&'static str],
    [inputs, hidden, directions]: [usize; 3],
    gates: usize,
) -> [Tensor; 8 * MAX_LAYERS] {
    let mut layers = 0;
    while layers < names.len() / 4 && !names[4 * layers].is_empty() {
        layers += 1;
    }
    let (mut all, mut i) = ([Tensor::parameter("", &[]); 8 * MAX_LAYERS], 0);
    while i < 4 * layers {
        let (kind, rows) = (i / layers, gates * hidden);
        all[i] = match kind {
            0 if i < directions => Tensor::parameter(names[i], &[rows, inputs]),
            0 => Tensor::parameter(names[i], &[rows, directions * hidden]),
            1 => Tensor::parameter(names[i], &[rows, hidden]),
            _ => Tensor::parameter(names[i], &[rows]),
        };
        i += 1;
    }
    all
}

macro_rules! of_layers {
    ($($name:literal)*) => {
        [$(of_layers!(@ $name 0 1 2 3 4 5 6 7)),*]
    };
    (@ $name:literal $a:literal $b:literal $c:literal $d:literal $e:literal $f:literal $g:literal $h:literal) => {
        [
            concat!($name, $a), concat!($name, $a, "_reverse"), concat!($name, $b), concat!($name, $b, "_reverse"),
            concat!($name, $c), concat!($name, $c, "_reverse"), concat!($name, $d), concat!($name, $d, "_reverse"),
            concat!($name, $e), concat!($name, $e, "_reverse"), concat!($name, $f), concat!($name, $f, "_reverse"),
            concat!($name, $g), concat!($name, $g, "_reverse"), concat!($name, $h), concat!($name, $h, "_reverse"),
        ]
    };
}

/// Kind by kind, each of layer 0 forward, layer 0 in reverse, layer 1 forward, …
const NAMES: [[&str; 2 * MAX_LAYERS]; 4] =
    of_layers!("weight_ih_l" "weight_hh_l" "bias_ih_l" "bias_hh_l");
