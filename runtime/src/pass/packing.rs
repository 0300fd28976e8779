//! The parameters in the order in which the layers read them in use.

use crate::infer::Node;
use crate::layer::Layer;
#[cfg(feature = "std")]
use crate::pack::Pack;

/// Packs the parameters of each layer. Without `std` there is nothing to do.
pub struct Packing<'a> {
    #[cfg(feature = "std")]
    pub(crate) packs: &'a mut [Pack],
    #[cfg(not(feature = "std"))]
    life: core::marker::PhantomData<&'a mut ()>,
}

impl Packing<'_> {
    /// Packs those of `layer`, which is node `k`.
    pub fn call<L: Layer>(&mut self, k: usize, node: &Node<L::Args>, layer: &L) {
        #[cfg(feature = "std")]
        if let Some(pack) = self.packs.get_mut(k) {
            *pack = layer.pack(node);
        }
        #[cfg(not(feature = "std"))]
        let _ = (k, node, layer);
    }
}
