//! Networks are filled on the host. Elsewhere what `network!` writes for that does nothing, and is not linked.

use core::marker::PhantomData;

use crate::infer::Node;
use crate::int8::layer::Layer;
use crate::layer::{self, Kind};

/// There is none without `std`.
pub struct Filling<'a>(PhantomData<&'a ()>);

impl Filling<'_> {
    /// Does nothing.
    pub fn call_unnamed<K: Kind, Q: Layer<Args = K::Args>>(
        &mut self,
        _: usize,
        _: &Node<K::Args>,
        _: &mut Q,
    ) {
    }

    /// Does nothing.
    pub fn call<L: layer::Layer, Q: Layer<Args = L::Args>>(
        &mut self,
        _: usize,
        _: &Node<L::Args>,
        _: &L,
        _: &mut Q,
    ) {
    }
}
