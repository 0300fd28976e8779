//! Random networks, as the plan sees them: chains, branches, joins, views, layers that overwrite, and values that nobody uses.

use std::vec::Vec;

use proptest::prelude::*;

use super::Step;
use crate::infer::{Inferred, Inputs};
use crate::shape::Shape;

/// A network of `N` nodes. Values are counted as the plan does: first the inputs, then the nodes in order.
#[derive(Clone, Debug)]
pub(crate) struct Graph<const N: usize> {
    /// The length of each input.
    pub inputs: Vec<usize>,
    pub nodes: [Node; N],
    /// The values that the caller reads.
    pub outputs: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub inputs: Vec<usize>,
    pub len: usize,
    pub work: Work,
    pub parameters: bool,
    pub needs_x: bool,
    pub needs_y: bool,
    pub kept: usize,
    pub kept_batch: usize,
    pub scratch: usize,
}

/// What a node does with its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Reads,
    MayOverwrite,
    Views,
    /// Dropout: may overwrite in training, and is a view in use.
    ViewsInUse,
}

impl<const N: usize> Graph<N> {
    /// The length of value `v`.
    pub fn len(&self, v: usize) -> usize {
        match v.checked_sub(self.inputs.len()) {
            Some(k) => self.nodes[k].len,
            None => self.inputs[v],
        }
    }

    /// The shapes of the inputs.
    pub fn shapes(&self) -> Vec<Shape> {
        self.inputs.iter().map(|&len| Shape::of(&[len])).collect()
    }

    pub fn steps(&self) -> [Step; N] {
        core::array::from_fn(|k| {
            let (node, mut inputs) = (&self.nodes[k], Inputs::of("", ""));
            for &v in &node.inputs {
                inputs = inputs.with("", Shape::of(&[self.len(v)]));
            }
            let mut inferred = Inferred::new((), inputs, Shape::of(&[node.len]))
                .parameters(usize::from(node.parameters))
                .kept(node.kept)
                .kept_batch(node.kept_batch)
                .scratch(node.scratch);
            if node.needs_x {
                inferred = inferred.needs_x();
            }
            if node.needs_y {
                inferred = inferred.needs_y();
            }
            inferred = match node.work {
                Work::Reads => inferred,
                Work::MayOverwrite => inferred.in_place(),
                Work::Views => inferred.view(),
                Work::ViewsInUse => inferred.in_place().identity_in_use(),
            };
            Step::of(&inferred, &node.inputs)
        })
    }

    /// Whether value `v` is read by the caller.
    pub fn is_output(&self, v: usize) -> bool {
        self.outputs.contains(&v)
    }

    /// For each value, whether an output depends on it.
    pub fn reached(&self) -> Vec<bool> {
        let first = self.inputs.len();
        let mut reached: Vec<_> = (0..first + N).map(|v| self.is_output(v)).collect();
        for k in (0..N).rev() {
            for &v in &self.nodes[k].inputs {
                reached[v] |= reached[first + k];
            }
        }
        reached
    }
}

/// Lengths on both sides of [`ALIGN`](super::ALIGN).
const LENS: [usize; 5] = [1, 5, 16, 17, 40];

pub(crate) fn graphs<const N: usize>() -> impl Strategy<Value = Graph<N>> {
    let node = (0..8u8, prop::array::uniform3(any::<u16>()), 1..4usize, 0..5usize, any::<u8>());
    let node = (
        node,
        prop::sample::select(&[0usize, 0, 3, 20]),
        prop::sample::select(&[0usize, 0, 2, 33]),
        prop::sample::select(&[0usize, 0, 7, 48]),
    );
    (prop::collection::vec(0..5usize, 1..4), prop::collection::vec(node, N)).prop_map(
        |(inputs, written)| {
            let inputs: Vec<_> = inputs.into_iter().map(|len| LENS[len]).collect();
            let (first, mut nodes, mut outputs) = (inputs.len(), Vec::<Node>::new(), Vec::new());
            for ((work, picks, count, len, flags), kept, kept_batch, scratch) in written {
                let work = match work {
                    0..3 => Work::Reads,
                    3 | 4 => Work::MayOverwrite,
                    5 | 6 => Work::Views,
                    _ => Work::ViewsInUse,
                };
                let values = first + nodes.len();
                // One of the last few, mostly.
                let reach = |pick: u16| if pick & 0x300 == 0 { values } else { values.min(3) };
                let pick = |&pick: &u16| values - 1 - usize::from(pick & 0xff) % reach(pick);
                let count =
                    if matches!(work, Work::Reads | Work::MayOverwrite) { count } else { 1 };
                let from: Vec<_> = picks[..count].iter().map(pick).collect();
                let len_of =
                    |v: usize| v.checked_sub(first).map_or_else(|| inputs[v], |k| nodes[k].len);
                let is_view = work == Work::Views;
                nodes.push(Node {
                    len: if work == Work::Reads { LENS[len] } else { len_of(from[0]) },
                    inputs: from,
                    work,
                    parameters: !is_view && flags & 1 > 0,
                    needs_x: !is_view && flags & 2 > 0,
                    needs_y: !is_view && flags & 4 > 0,
                    kept: if is_view { 0 } else { kept },
                    kept_batch: if is_view { 0 } else { kept_batch },
                    scratch: if is_view { 0 } else { scratch },
                });
                if flags & 0x18 == 0 {
                    outputs.push(values);
                }
            }
            if outputs.is_empty() {
                outputs.push(first + N - 1);
            }
            let nodes = nodes.try_into().expect("there are N of them");
            Graph { inputs, nodes, outputs }
        },
    )
}
