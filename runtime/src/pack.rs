//! Parameters in the order in which a kernel reads them: packed once, for many passes.

#[cfg(feature = "std")]
use std::vec::Vec;

#[cfg(feature = "std")]
use crate::bits::Lines;
#[cfg(feature = "std")]
use crate::network::Network;
#[cfg(feature = "std")]
use crate::pass;

/// Parameters of a layer as its kernel reads them, on a cache line; and those of the layers in it, by their number.
#[cfg(feature = "std")]
#[derive(Default)]
pub struct Pack {
    numbers: Lines,
    parts: Vec<Pack>,
}

#[cfg(feature = "std")]
impl Pack {
    /// `len` numbers, which `write` is given to fill: zeros until then.
    pub fn new(len: usize, write: impl FnOnce(&mut [f32])) -> Self {
        let mut numbers = Lines::zeros(len);
        write(&mut numbers);
        Pack { numbers, parts: Vec::new() }
    }

    /// Of a layer that is made of others.
    pub fn of(parts: Vec<Pack>) -> Self {
        Pack { parts, ..Pack::default() }
    }

    #[inline(always)]
    fn numbers(&self) -> &[f32] {
        &self.numbers
    }

    /// Of all layers of a network.
    pub fn of_network<N: Network>(net: &N) -> Self {
        let mut parts = Vec::new();
        parts.resize_with(N::INFERENCE.nodes.len(), Pack::default);
        net.run_packing(&mut pass::Packing { packs: &mut parts });
        Pack::of(parts)
    }
}

/// What has been packed of a layer or of a network, or nothing.
#[derive(Clone, Copy)]
pub struct PackRef<'a> {
    /// It is number `i` of these.
    #[cfg(feature = "std")]
    among: &'a [Pack],
    #[cfg(feature = "std")]
    i: usize,
    life: core::marker::PhantomData<&'a f32>,
}

impl<'a> PackRef<'a> {
    /// Nothing.
    pub const NOTHING: Self = PackRef {
        #[cfg(feature = "std")]
        among: &[],
        #[cfg(feature = "std")]
        i: 0,
        life: core::marker::PhantomData,
    };

    #[cfg(feature = "std")]
    pub(crate) fn of(pack: &'a Pack) -> Self {
        PackRef { among: core::slice::from_ref(pack), ..PackRef::NOTHING }
    }

    /// The numbers, if there are any.
    #[inline(always)]
    pub fn numbers(self) -> Option<&'a [f32]> {
        #[cfg(feature = "std")]
        return self.among.get(self.i).map(Pack::numbers).filter(|all| !all.is_empty());
        #[cfg(not(feature = "std"))]
        None
    }

    /// Of layer `i` in it.
    #[inline(always)]
    pub fn part(self, i: usize) -> Self {
        #[cfg(feature = "std")]
        return PackRef {
            among: self.among.get(self.i).map_or(&[], |pack| &pack.parts),
            i,
            ..self
        };
        #[cfg(not(feature = "std"))]
        self.other(i)
    }

    /// Of layer `i` among those that this one is among.
    #[inline(always)]
    pub(crate) fn other(self, i: usize) -> Self {
        #[cfg(feature = "std")]
        return PackRef { i, ..self };
        #[cfg(not(feature = "std"))]
        {
            let _ = i;
            self
        }
    }
}
