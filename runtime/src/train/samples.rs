//! Where samples come from: memory, or anything that gives them one after the other.

use core::borrow::Borrow;
use std::vec::Vec;

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Inputs `X` with their targets `T`, to be gone through once an epoch.
///
/// | what | which samples |
/// |---|---|
/// | `&[(X, T)]`, a `Vec` or an array of pairs | pairs |
/// | `(&xs, &ts)`, two slices, vectors or arrays | the `i`th input with the `i`th target |
/// | [`Stream`] | what a closure gives for each epoch |
/// | `()` | none: no validation |
#[diagnostic::on_unimplemented(
    message = "`{Self}` gives no samples of an input `{X}` with a target `{T}`",
    label = "no inputs `{X}` with targets `{T}`",
    note = "samples are `&[(X, T)]`, a vector or an array of such pairs, `(&xs, &ts)`, a `Stream`, or `()` for none"
)]
pub trait Samples<X, T>: Sync {
    /// How many there are in an epoch; `None` where that is not known before.
    fn count(&self) -> Option<usize>;

    /// The samples of `epoch`, counted from 0: in their own order, or in that of the seed `shuffled`.
    ///
    /// The same arguments give the same samples; a resumed training relies on it.
    fn epoch(&self, epoch: u32, shuffled: Option<u64>)
    -> impl Iterator<Item = (impl Borrow<X>, T)>;
}

impl<X: Sync, T: Clone + Sync> Samples<X, T> for [(X, T)] {
    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
    fn epoch(&self, _: u32, shuffled: Option<u64>) -> impl Iterator<Item = (impl Borrow<X>, T)> {
        order(self.len(), shuffled).map(|i| (&self[i].0, self[i].1.clone()))
    }
}

impl<X: Sync, T: Clone + Sync, const LEN: usize> Samples<X, T> for [(X, T); LEN] {
    fn count(&self) -> Option<usize> {
        Some(LEN)
    }
    fn epoch(
        &self,
        epoch: u32,
        shuffled: Option<u64>,
    ) -> impl Iterator<Item = (impl Borrow<X>, T)> {
        self[..].epoch(epoch, shuffled)
    }
}

impl<X: Sync, T: Clone + Sync> Samples<X, T> for Vec<(X, T)> {
    fn count(&self) -> Option<usize> {
        Some(self.len())
    }
    fn epoch(
        &self,
        epoch: u32,
        shuffled: Option<u64>,
    ) -> impl Iterator<Item = (impl Borrow<X>, T)> {
        self[..].epoch(epoch, shuffled)
    }
}

impl<X, T, S: Samples<X, T> + ?Sized> Samples<X, T> for &S {
    fn count(&self) -> Option<usize> {
        (**self).count()
    }
    fn epoch(
        &self,
        epoch: u32,
        shuffled: Option<u64>,
    ) -> impl Iterator<Item = (impl Borrow<X>, T)> {
        (**self).epoch(epoch, shuffled)
    }
}

/// # Panics
/// When there are not as many targets as inputs.
impl<X: 'static, T: Clone + 'static, A: AsRef<[X]> + Sync, B: AsRef<[T]> + Sync> Samples<X, T>
    for (A, B)
{
    fn count(&self) -> Option<usize> {
        Some(self.0.as_ref().len())
    }
    fn epoch(&self, _: u32, shuffled: Option<u64>) -> impl Iterator<Item = (impl Borrow<X>, T)> {
        let (xs, ts) = (self.0.as_ref(), self.1.as_ref());
        assert_eq!(xs.len(), ts.len(), "there is one target for each input");
        order(xs.len(), shuffled).map(|i| (&xs[i], ts[i].clone()))
    }
}

impl<X, T> Samples<X, T> for () {
    fn count(&self) -> Option<usize> {
        Some(0)
    }
    fn epoch(&self, _: u32, _: Option<u64>) -> impl Iterator<Item = (impl Borrow<X>, T)> {
        core::iter::empty::<(X, T)>()
    }
}

/// Samples that a closure gives anew for each epoch, counted from 0, as from a file that is too large for memory, or a
/// simulation. Their order is the closure's.
///
/// ```
/// use firmnet_runtime::train::Stream;
///
/// let angles = Stream(|epoch: u32| (0..100).map(move |i| (i as f32 + 0.1 * epoch as f32, i % 2 == 0)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Stream<F>(pub F);

impl<X, T, I, F> Samples<X, T> for Stream<F>
where
    F: Fn(u32) -> I + Sync,
    I: IntoIterator<Item = (X, T)>,
{
    fn count(&self) -> Option<usize> {
        None
    }
    fn epoch(&self, epoch: u32, _: Option<u64>) -> impl Iterator<Item = (impl Borrow<X>, T)> {
        (self.0)(epoch).into_iter()
    }
}

/// The numbers below `len`: in turn, or in an order drawn from a seed.
fn order(len: usize, shuffled: Option<u64>) -> impl Iterator<Item = usize> {
    let shuffled = shuffled.map(|seed| shuffle(len, Xoshiro256PlusPlus::seed_from_u64(seed)));
    (0..len).map(move |i| shuffled.as_ref().map_or(i, |order| order[i]))
}

/// Fisher's and Yates' shuffle. Written out, for a checkpoint relies on the same order for ever.
fn shuffle(len: usize, mut rng: impl Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    for i in (1..len).rev() {
        // A fair draw from 0 ..= i, but for one part in 2⁶⁴ / i.
        let drawn = (u128::from(rng.next_u64()) * (i as u128 + 1)) >> 64;
        order.swap(i, drawn as usize);
    }
    order
}
