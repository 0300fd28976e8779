//! Networks whose sizes are parameters: `pub struct Mlp<const H: usize>`.
//!
//! The type of a layer has its sizes as const arguments, and a shape rule works them out from numbers. In a network with parameters there are no
//! numbers yet, and stable Rust makes no type from `f(H)`. So the rule is tried twice, with two sets of sizes ([`TRIALS`]) for the parameters:
//! a size of the layer's type that is the same both times is fixed, and one that is a parameter's both times is that parameter
//! ([`Inferred::parameter`]). The rest, as `4 · H`, is reported. The same trials find the mistakes that do not depend on the sizes, where
//! the network is declared; what does depend on them is judged where a size is given, when the program is built.

use crate::infer::Inferred;
use crate::layer::{Kind, Layer, Tensor};
use crate::network::numbers;
use crate::text::Message;

/// Parameters that a network may have.
pub const MAX_SIZES: usize = 8;

/// What the parameters are in each of the two trials.
///
/// All are multiples of what sizes are divided by, as by heads and groups; the primes tell them apart, also from their products. None is so large that a
/// matrix of two of them would fill the memory of a 32-bit processor, and the second are small, so that not both fail for that.
pub const TRIALS: [[usize; MAX_SIZES]; 2] = {
    let (primes, mut trials, mut i) = ([7, 11, 13, 17, 19, 23, 29, 31], [[0; MAX_SIZES]; 2], 0);
    while i < MAX_SIZES {
        trials[0][i] = 240 * primes[i];
        trials[1][i] = 32 * primes[MAX_SIZES - 1 - i];
        i += 1;
    }
    trials
};

/// A parameter of a network: its name and its size.
pub type Size = (&'static str, usize);

impl<A: Copy> Inferred<A> {
    /// Which parameter of the network argument `i` of the layer's type is, counted from 1; 0 for none. `self` and `other` are what the two trials say.
    pub const fn parameter<B: Copy>(&self, other: &Inferred<B>, i: usize) -> usize {
        parameter(self.dims[i], other.dims[i])
    }

    /// Whether an argument of the layer's type is neither fixed nor a parameter of the network.
    pub const fn is_derived<B: Copy>(&self, other: &Inferred<B>) -> bool {
        self.derived(other).is_some()
    }

    /// The argument of the layer's type that is neither fixed nor a parameter, in the first trial.
    const fn derived<B: Copy>(&self, other: &Inferred<B>) -> Option<usize> {
        let mut i = 0;
        while i < self.dims.len() {
            let (once, twice) = (self.dims[i], other.dims[i]);
            if once != twice && parameter(once, twice) == 0 {
                return Some(once);
            }
            i += 1;
        }
        None
    }

    /// With no fault but one that the other trial finds too: what is wrong with one size alone is judged where a size is given.
    pub const fn and<B: Copy>(mut self, other: &Inferred<B>) -> Self {
        if other.fault.is_none() {
            self.fault = None;
        }
        self
    }

    /// Stops the build where `tensors`, which the layer's type has, are not as many numbers as the rule says for the sizes that are given: the rule then
    /// goes by something that the trials do not show.
    #[track_caller]
    pub const fn verify_type(&self, tensors: &[Tensor]) {
        let (found, said) = (numbers(tensors, false), self.parameters.saturating_add(self.buffers));
        if found != said && self.fault.is_none() {
            let says = self
                .inputs
                .says()
                .str("has ")
                .num(said)
                .str(" parameters for these sizes, and its type ");
            self.stop(
                says.num(found).str("; write them as `const`s, without parameters of the network"),
            )
        }
    }

    /// Stops the build where node `k` is the first of which the type is not known; `derived` says which they are.
    #[track_caller]
    pub const fn verify_sizes<B: Copy>(&self, other: &Inferred<B>, k: usize, derived: &[bool]) {
        let mut earlier = 0;
        while earlier < k {
            if derived[earlier] {
                return;
            }
            earlier += 1;
        }
        if let (Some(size), None) = (self.derived(other), &self.fault) {
            let says = self
                .inputs
                .says()
                .str("is made for the size ")
                .num(size)
                .str(", but Rust makes a type ");
            let says =
                says.str("of a parameter of the network only as it is; declare a parameter for ");
            let says = says.num(size).str(" itself, or make it a `const`");
            self.stop(says)
        }
    }
}

/// Which parameter is `once` in the first trial and `twice` in the second, counted from 1; 0 if none is.
const fn parameter(once: usize, twice: usize) -> usize {
    let mut p = 0;
    while p < MAX_SIZES {
        if once == TRIALS[0][p] && twice == TRIALS[1][p] {
            return p + 1;
        }
        p += 1;
    }
    0
}

/// `says` with the names of `sizes` in the place of what they are in the first trial: ``gives [H, 12, 12]``, and `36·H` for a multiple.
/// Where other sizes are given, nothing changes.
pub(crate) const fn with_names(says: &Message, sizes: &[Size]) -> Message {
    let (text, mut named, mut i) = (says.as_str().as_bytes(), Message::new(), 0);
    while i < text.len() {
        let (mut number, mut end) = (0_usize, i);
        while end < text.len() && text[end].is_ascii_digit() {
            number = number.saturating_mul(10).saturating_add((text[end] - b'0') as usize);
            end += 1;
        }
        let begins_word = i > 0 && (text[i - 1].is_ascii_alphanumeric() || text[i - 1] == b'_');
        named = match name(number, sizes) {
            Some((1, name)) if end > i && !begins_word => named.str(name),
            Some((times, name)) if end > i && !begins_word => named.num(times).str("·").str(name),
            _ => {
                end = if end > i { end } else { i + 1 };
                while end < text.len() && text[end] & 0xc0 == 0x80 {
                    end += 1;
                }
                let (_, rest) = text.split_at(i);
                let (these, _) = rest.split_at(end - i);
                match core::str::from_utf8(these) {
                    Ok(these) => named.str(these),
                    Err(_) => named,
                }
            }
        };
        i = end;
    }
    named
}

/// What `number` is called: so many times one of the `sizes` of the first trial.
const fn name(number: usize, sizes: &[Size]) -> Option<(usize, &'static str)> {
    let mut p = 0;
    while p < sizes.len() && number > 0 {
        let (name, size) = sizes[p];
        if size == TRIALS[0][p] && number.is_multiple_of(size) {
            return Some((number / size, name));
        }
        p += 1;
    }
    None
}

/// The parameters of a network, as a type: those that it does not have are 0.
pub struct Sizes<
    const A: usize = 0,
    const B: usize = 0,
    const C: usize = 0,
    const D: usize = 0,
    const E: usize = 0,
    const F: usize = 0,
    const G: usize = 0,
    const H: usize = 0,
>;

/// An argument of a layer's type: parameter `PARAMETER` of the network, or `FIXED` if that is 0.
pub enum Dim<const PARAMETER: usize, const FIXED: usize> {}

/// A size as a type.
pub enum Const<const N: usize> {}

/// A [`Dim`] among the parameters `S` of a network.
pub trait Among<S> {
    /// The size: a [`Const`].
    type Size;
}

macro_rules! among {
    ($($parameter:literal: $size:expr,)*) => { $(
        impl<
            const FIXED: usize,
            const A: usize,
            const B: usize,
            const C: usize,
            const D: usize,
            const E: usize,
            const F: usize,
            const G: usize,
            const H: usize,
        > Among<Sizes<A, B, C, D, E, F, G, H>> for Dim<$parameter, FIXED>
        {
            type Size = Const<{ $size }>;
        }
    )* };
}

among! {
    0: FIXED,
    1: A,
    2: B,
    3: C,
    4: D,
    5: E,
    6: F,
    7: G,
    8: H,
}

/// A keyword and the arguments of its layer's type.
pub trait Made<A, B, C, D, E, F> {
    /// The layer.
    type Layer: Layer;
}

impl<
    K: Kind,
    const A: usize,
    const B: usize,
    const C: usize,
    const D: usize,
    const E: usize,
    const F: usize,
> Made<Const<A>, Const<B>, Const<C>, Const<D>, Const<E>, Const<F>> for K
{
    type Layer = K::Layer<A, B, C, D, E, F>;
}

/// The layer of the keyword `K` with the arguments `A` to `F` in a network with the parameters `S`.
pub type LayerOf<K, S, A, B, C, D, E, F> = <K as Made<
    <A as Among<S>>::Size,
    <B as Among<S>>::Size,
    <C as Among<S>>::Size,
    <D as Among<S>>::Size,
    <E as Among<S>>::Size,
    <F as Among<S>>::Size,
>>::Layer;
