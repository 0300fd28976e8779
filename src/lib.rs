//! Neural networks with firm shapes.
#![no_std]

pub use firmnet_macros::network;
#[cfg(feature = "std")]
pub use firmnet_runtime::data;
pub use firmnet_runtime::{
    batch, cast, clip, infer, init, kernel, layer, layers, loss, memory, network, optim, pass,
    penalty, plan, sample, schedule, shape, summary, text, zerocopy,
};

/// All that a network needs: the macro, the layers, the losses, the optimizers and the traits.
pub mod prelude {
    pub use crate::layers::*;
    pub use crate::loss::*;
    pub use crate::memory::*;
    pub use crate::network;
    pub use crate::network::Network;
    pub use crate::optim::*;
    pub use crate::schedule::*;
}
