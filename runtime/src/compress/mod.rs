//! Trained networks made small: fewer channels, fewer connections, fewer different numbers.
//!
//! | what goes | how | afterwards |
//! |---|---|---|
//! | whole channels and units | [`narrow`]: the strongest of a wide network become a narrow one | [`DistillationLoss`] teaches it what the wide one knows |
//! | single connections | [`Mask`]: those of least magnitude are 0 | [`after_step`] keeps them 0 while the rest is trained on |
//! | different numbers | [`Clusters`]: each tensor holds a handful of values | [`after_step`] keeps them shared while they are trained on |
//!
//! The order is that of Han, Mao and Dally, *Deep compression* (2016).
//!
//! [`DistillationLoss`]: crate::loss::DistillationLoss
#![cfg_attr(feature = "std", doc = "[`after_step`]: crate::train::Trainer::after_step")]
#![cfg_attr(not(feature = "std"), doc = "[`after_step`]: https://docs.rs/firmnet")]

mod clusters;
mod mask;
mod narrow;

pub use clusters::Clusters;
pub use mask::Mask;
pub use narrow::{Kept, NarrowError, narrow};

use crate::network::Network;

/// The places of the trained tensors of `N` whose names are `chosen`.
fn chosen<N: Network>(chosen: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
    let tensors = N::TENSORS.iter().enumerate();
    tensors
        .filter(move |(_, tensor)| tensor.trained && chosen(tensor.name.as_str()))
        .map(|(i, _)| i)
}
