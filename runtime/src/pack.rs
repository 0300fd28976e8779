//! Parameters in the order in which a kernel reads them: packed once, for many passes.

#[cfg(feature = "std")]
use std::vec::Vec;

#[cfg(feature = "std")]
use crate::network::Network;
#[cfg(feature = "std")]
use crate::pass;

/// Parameters of a layer as its kernel reads them, on a cache line; and those of the layers in it, by their number.
#[cfg(feature = "std")]
#[derive(Default)]
pub struct Pack {
    numbers: Vec<f32>,
    start: usize,
    parts: Vec<Pack>,
}

#[cfg(feature = "std")]
impl Pack {
    /// `len` numbers, which `write` is given to fill: zeros until then.
    pub fn new(len: usize, write: impl FnOnce(&mut [f32])) -> Self {
        const LINE: usize = 64 / size_of::<f32>();
        let mut numbers = std::vec![0.0; len + LINE - 1];
        let start = numbers.as_ptr().align_offset(64).min(LINE - 1);
        write(&mut numbers[start..start + len]);
        numbers.truncate(start + len);
        Pack { numbers, start, parts: Vec::new() }
    }

    /// Of a layer that is made of others.
    pub fn of(parts: Vec<Pack>) -> Self {
        Pack { parts, ..Pack::default() }
    }

    /// Of all layers of a network.
    pub fn of_network<N: Network>(net: &N) -> Self {
        let mut parts = Vec::new();
        parts.resize_with(N::INFERENCE.nodes.len(), Pack::default);
        net.run(&mut pass::Inference::packing(&mut parts));
        Pack::of(parts)
    }
}

/// What has been packed of a layer or of a network, or nothing.
#[derive(Clone, Copy, Default)]
pub struct PackRef<'a> {
    #[cfg(feature = "std")]
    pack: Option<&'a Pack>,
    life: core::marker::PhantomData<&'a f32>,
}

impl<'a> PackRef<'a> {
    /// Nothing.
    pub const NOTHING: Self = PackRef {
        #[cfg(feature = "std")]
        pack: None,
        life: core::marker::PhantomData,
    };

    #[cfg(feature = "std")]
    pub(crate) fn of(pack: &'a Pack) -> Self {
        PackRef { pack: Some(pack), ..PackRef::NOTHING }
    }

    /// The numbers, if there are any.
    #[inline(always)]
    pub fn numbers(self) -> Option<&'a [f32]> {
        #[cfg(feature = "std")]
        return self
            .pack
            .and_then(|pack| pack.numbers.get(pack.start..))
            .filter(|all| !all.is_empty());
        #[cfg(not(feature = "std"))]
        None
    }

    /// Of layer `i` in it.
    #[inline(always)]
    pub fn part(self, i: usize) -> Self {
        #[cfg(feature = "std")]
        return PackRef { pack: self.pack.and_then(|pack| pack.parts.get(i)), ..self };
        #[cfg(not(feature = "std"))]
        {
            let _ = i;
            self
        }
    }
}
