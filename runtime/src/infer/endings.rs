//! What a layer can do to its own output in place of those behind it.

/// Of that, some: what a layer is for, if that is all, or what the layer before it has taken over. It is done in this order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Endings {
    /// A factor and a term for each channel; see [`Layer::factors`](crate::layer::Layer::factors).
    pub factors: bool,
    /// Another value is added.
    pub add: bool,
    /// Numbers are kept between these.
    pub bounds: Option<[f32; 2]>,
    /// Of each two by two there is the largest.
    pub pool: bool,
    /// A function of each number; see [`Layer::map`](crate::layer::Layer::map). It is done alone.
    pub map: bool,
}

impl Endings {
    /// Nothing.
    pub const NONE: Self =
        Endings { factors: false, add: false, bounds: None, pool: false, map: false };
}

/// Which of them a layer does to its output, when asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EndsIn {
    /// None.
    Nothing,
    /// In use a function of each number, whatever that is.
    Map,
    /// All but that, and the largest of each two by two only where it `pools`.
    Image {
        /// Whether it can.
        pools: bool,
    },
}
