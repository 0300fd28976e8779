//! What a shape rule says of its layer in a network in bytes.

use super::Inferred;

/// What a layer needs to know in a network in bytes.
#[derive(Clone, Copy)]
pub struct Int8 {
    /// The const arguments of its type; see [`Quantize::Int8`](crate::int8::Quantize::Int8).
    pub sizes: [usize; 2],
    /// Bytes that a call needs of its own; and where there are zeros around the image from a layer before.
    pub scratch: [usize; 2],
    /// Bytes that it carries from step to step.
    pub state: usize,
    /// Zeros that it puts around an image: to the left, to the right, above and below.
    pub pad: [usize; 4],
    /// What keeps it from having a form in bytes, as the end of a sentence about it.
    pub fault: Option<&'static str>,
}

impl<A: Copy> Inferred<A> {
    /// In bytes, the layer's type has the const arguments `sizes`, and a call needs `scratch` bytes of its own.
    pub const fn int8(mut self, sizes: [usize; 2], scratch: usize) -> Self {
        (self.int8.sizes, self.int8.scratch) = (sizes, [scratch; 2]);
        self
    }

    /// Where there are zeros around the image from a layer before, a call needs so many bytes instead.
    pub const fn int8_padded(mut self, scratch: usize) -> Self {
        self.int8.scratch[1] = scratch;
        self
    }

    /// In bytes, the layer carries so many bytes from step to step.
    pub const fn int8_state(mut self, bytes: usize) -> Self {
        self.int8.state = bytes;
        self
    }

    /// The layer puts zeros around an image: to the left, to the right, above and below.
    pub const fn int8_pad(mut self, pad: [usize; 4]) -> Self {
        self.int8.pad = pad;
        self
    }

    /// The layer has a form in bytes only if this holds; `says` ends a sentence about it where it does not.
    pub const fn int8_if(mut self, holds: bool, says: &'static str) -> Self {
        if !holds && self.int8.fault.is_none() {
            self.int8.fault = Some(says);
        }
        self
    }
}
