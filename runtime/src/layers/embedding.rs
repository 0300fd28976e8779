//! `Embedding`: a row of a table for each id.

use rand_core::Rng;

use crate::infer::{Inferred, Inputs, Node};
use crate::init;
use crate::kernel::{Matrix, axpy, gemm, gemm_in, sqrt, sum_of_squares};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use crate::positional;
use crate::shape::MAX_RANK;

/// `ids: [T]` → `y: [T, E]`: row `id` of the table for each of `ids`; also `[…]` → `[…, E]`. PyTorch's `nn.Embedding`.
///
/// An id is a `u32`, which only an input of the network brings. Backward adds to the rows that were brought and to no others.
///
/// Called again with what a layer gives, `x: […, E]` → `y: […, N]`, `y = x Wᵀ`, it says how well that agrees with each row: the output layer of a
/// language model that shares its weight with the embedding (Press and Wolf 2017), as PyTorch's `F.linear(x, embedding.weight)`.
///
/// # Panics
/// With the feature `std`, on an id that is not below `num_embeddings`. Without it, where nothing may panic, the row of such an id is
/// zeros, and no gradient comes from it.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Embedding<const N: usize = 0, const E: usize = 0> {
    /// The table.
    pub weight: [[f32; E]; N],
}

/// `Embedding(num_embeddings, embedding_dim, padding_idx, max_norm)`. The last two need their names, and neither is there unless it is
/// given.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    num_embeddings: usize,
    embedding_dim: usize,
    padding_idx: Option<usize>,
    max_norm: Option<f32>,
    /// Whether numbers come in, to be compared with the rows.
    compares: bool,
}

impl Embedding {
    /// `Embedding`, with its arguments to follow.
    pub const fn args() -> Args {
        Args {
            num_embeddings: 0,
            embedding_dim: 0,
            padding_idx: None,
            max_norm: None,
            compares: false,
        }
    }
}

positional!(Args, first = num_embeddings: usize, second = embedding_dim: usize);

impl Args {
    /// Rows of the table: how many ids there are.
    pub const fn num_embeddings(mut self, num_embeddings: usize) -> Self {
        self.num_embeddings = num_embeddings;
        self
    }
    /// Numbers of a row.
    pub const fn embedding_dim(mut self, embedding_dim: usize) -> Self {
        self.embedding_dim = embedding_dim;
        self
    }
    /// The id that stands for nothing: its row is zero at first, and is not trained.
    pub const fn padding_idx(mut self, padding_idx: usize) -> Self {
        self.padding_idx = Some(padding_idx);
        self
    }
    /// The largest length (2-norm) of a row. In training, a row that is brought and is longer is first shortened to it, in the table
    /// itself, as in PyTorch.
    pub const fn max_norm(mut self, max_norm: f32) -> Self {
        self.max_norm = Some(max_norm);
        self
    }

    /// `[…]` of ids → `[…, E]`, `[…, E]` of numbers → `[…, N]`.
    #[inline]
    pub const fn infer(mut self, ids: Inputs) -> Inferred<Self> {
        self.compares = ids.given() > 0 && !ids.is_of_network(0);
        if self.compares {
            return self.infer_comparison(ids);
        }
        let (n, e, shape) = (self.num_embeddings, self.embedding_dim, ids.shape(0));
        let says = ids.says().str("takes at most 3 axes of ids");
        let axes = ids.but_gives(says, 0);
        let padding = match self.padding_idx {
            Some(id) => id,
            None => 0,
        };
        let outside = ids.says().str("is given padding_idx = ").num(padding);
        let outside = outside.str(", which is not below num_embeddings = ").num(n);
        let positive = ids.says().str("is given a max_norm that is not above 0");
        let is_positive = match self.max_norm {
            Some(norm) => norm > 0.0,
            None => true,
        };
        let fits = shape.rank() < MAX_RANK;
        Inferred::new(self, ids, if fits { shape.followed_by(e) } else { shape })
            .one_input()
            .takes_ids(0)
            .check(fits, axes)
            .required("num_embeddings", n)
            .required("embedding_dim", e)
            .argument(padding < n || self.padding_idx.is_none(), outside)
            .argument(is_positive, positive)
            .dims(&[n, e])
            .parameters(n.saturating_mul(e))
            .needs_x()
            .step_by_step()
    }

    /// `[…, E]` → `[…, N]`.
    const fn infer_comparison(self, x: Inputs) -> Inferred<Self> {
        let (n, e, shape) = (self.num_embeddings, self.embedding_dim, x.shape(0));
        let last = shape.rank().saturating_sub(1);
        let says = x.says().str("takes ids, which only an input of the network brings, or ").num(e);
        let says = x.but_gives(says.str(" numbers to compare with its rows"), 0);
        let fits = shape.rank() > 0 && shape.dim(last) == e && !shape.is_bounded_at(last);
        let rows = match shape.len().checked_div(e) {
            Some(rows) => rows,
            None => 0,
        };
        Inferred::new(self, x, if shape.rank() > 0 { shape.with(last, n) } else { shape })
            .one_input()
            .required("num_embeddings", n)
            .required("embedding_dim", e)
            .check(fits, says)
            .dims(&[n, e])
            .parameters(n.saturating_mul(e))
            .macs(rows.saturating_mul(n).saturating_mul(e))
            .needs_x()
            .step_by_step()
    }
}

impl Kind for Embedding {
    type Args = Args;
    type Layer<
        const N: usize,
        const E: usize,
        const C: usize,
        const D: usize,
        const X: usize,
        const F: usize,
    > = Embedding<N, E>;
}

impl<const N: usize, const E: usize> Layer for Embedding<N, E> {
    type Args = Args;
    const TENSORS: &'static [Tensor] = &[Tensor::parameter("weight", &[N, E])];

    fn tensor(&self, _: usize) -> &[f32] {
        self.weight.as_flattened()
    }
    fn tensor_mut(&mut self, _: usize) -> &mut [f32] {
        self.weight.as_flattened_mut()
    }

    /// From N(0, 1); zeros for the id that stands for nothing.
    fn init(&mut self, node: &Node<Args>, rng: &mut dyn Rng) {
        init::normal(self.weight.as_flattened_mut(), 0.0, 1.0, rng);
        if let Some(row) = node.args.padding_idx.and_then(|id| self.weight.get_mut(id)) {
            row.fill(0.0);
        }
    }

    fn forward(&self, node: &Node<Args>, call: Forward<'_>) {
        if node.args.compares {
            return self.compare(gemm_in(call.lengths.order(&node.input)), call.x[0], call.y);
        }
        for (id, y) in ids(call.x[0]).zip(call.y.chunks_exact_mut(E.max(1))) {
            match self.weight.get(id) {
                Some(row) => y.copy_from_slice(row),
                None => no_row(id, N, y),
            }
        }
    }

    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        if node.args.compares {
            return self.compare(gemm, call.x[0], call.y);
        }
        if let Some(most) = node.args.max_norm {
            for id in ids(call.x[0]) {
                if let Some(row) = self.weight.get_mut(id) {
                    shorten(row, most);
                }
            }
        }
        self.forward(node, call);
    }

    /// `dW[id] += dy`, but for the id that stands for nothing. Of numbers, `dX += dY W` and `dW += dYᵀ X`.
    fn backward(&self, node: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
        if node.args.compares {
            let rows = call.dy.len() / N.max(1);
            let (x, dy) = (Matrix::new(call.x[0], rows, E), Matrix::new(call.dy, rows, N));
            if let [Some(dx), ..] = call.dx {
                gemm(dy, Matrix::new(self.weight.as_flattened(), N, E), 1.0, dx, E);
            }
            return gemm(dy.t(), x, 1.0, grad.weight.as_flattened_mut(), E);
        }
        for (id, dy) in ids(call.x[0]).zip(call.dy.chunks_exact(E.max(1))) {
            if node.args.padding_idx != Some(id)
                && let Some(row) = grad.weight.get_mut(id)
            {
                axpy(1.0, dy, row);
            }
        }
    }
}

impl<const N: usize, const E: usize> Embedding<N, E> {
    /// `Y = X Wᵀ`, a row for each sample or each of its steps.
    fn compare(
        &self,
        product: impl Fn(Matrix, Matrix, f32, &mut [f32], usize),
        x: &[f32],
        y: &mut [f32],
    ) {
        let weight = Matrix::new(self.weight.as_flattened(), N, E);
        product(Matrix::new(x, x.len() / E.max(1), E), weight.t(), 0.0, y, N);
    }
}

/// The ids, which are the bits of `x`.
fn ids(x: &[f32]) -> impl Iterator<Item = usize> {
    x.iter().map(|x| x.to_bits() as usize)
}

/// Where there is no row for `id`.
#[cfg(feature = "std")]
#[cold]
fn no_row(id: usize, n: usize, _: &mut [f32]) {
    panic!("`Embedding`: the id {id} is not among its {n}, which are 0 to {}", n.saturating_sub(1));
}

#[cfg(not(feature = "std"))]
fn no_row(_: usize, _: usize, y: &mut [f32]) {
    y.fill(0.0);
}

/// Brings `row` to the length `most`, if it is longer. As PyTorch does, a little is added to the length that it is divided by.
fn shorten(row: &mut [f32], most: f32) {
    let norm = sqrt(sum_of_squares(row));
    if norm > most {
        let scale = most / (norm + 1e-7);
        for x in row {
            *x *= scale;
        }
    }
}
