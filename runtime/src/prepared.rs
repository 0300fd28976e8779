//! A network made ready for use, its weights packed.

use core::ops::Deref;

use crate::batch::{Input, Output};
use crate::memory::Memory;
use crate::network::{self, Network};
use crate::pack::{Pack, PackRef};
use crate::stream::{self, Stream};

/// A network made ready to be used again and again as it is: beside its parameters it has the weights once more, in the order in which the kernels
/// read them.
///
/// A pass puts them in that order for itself otherwise, each time. What comes out is the same but for rounding. Since what is packed
/// follows from the parameters, these must stay: [`Network::prepared`] borrows the network, and no optimizer can step meanwhile. A `Box` or an
/// `Arc` of a network may be given away with `Prepared::new`.
pub struct Prepared<N> {
    net: N,
    pack: Pack,
}

impl<N: Deref<Target: Network>> Prepared<N> {
    /// Packs the weights of `net`.
    pub fn new(net: N) -> Self {
        let pack = Pack::of_network(&*net);
        Prepared { net, pack }
    }

    /// The network.
    pub fn network(&self) -> &N::Target {
        &self.net
    }

    /// Gives the network back; what was packed is dropped.
    pub fn into_network(self) -> N {
        self.net
    }

    /// As [`Network::forward`].
    pub fn forward<'m>(
        &self,
        x: &<N::Target as Network>::Input,
        memory: &'m mut impl Memory,
    ) -> <<N::Target as Network>::Output as Output>::One<'m> {
        network::forward(&*self.net, PackRef::of(&self.pack), x, memory)
    }

    /// As [`Network::forward_batch`].
    pub fn forward_batch<'m>(
        &self,
        xs: <<N::Target as Network>::Input as Input>::Batch<'_>,
        memory: &'m mut impl Memory,
    ) -> <<N::Target as Network>::Output as Output>::Batch<'m> {
        network::forward_batch(&*self.net, PackRef::of(&self.pack), xs, memory)
    }

    /// As [`Network::step`].
    pub fn step<'m, const LEN: usize>(
        &self,
        x: &<<N::Target as Network>::Input as Input>::Step,
        stream: &'m mut Stream<N::Target, LEN>,
    ) -> <<<N::Target as Network>::Output as Output>::Step as Output>::One<'m> {
        const { stream::verify::<N::Target>() }
        stream::step(&*self.net, PackRef::of(&self.pack), x, stream)
    }
}
