//! A string put together during const evaluation, for messages and names with numbers in them.

use crate::shape::Shape;

/// Up to `N` bytes of UTF-8; what does not fit is cut off.
#[derive(Clone, Copy)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

/// Room for any message.
pub type Message = Text<512>;

impl<const N: usize> Text<N> {
    /// The empty text.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Text { bytes: [0; N], len: 0 }
    }

    /// With `s` at the end; a character that does not fit whole is left out, and all after it.
    pub const fn str(mut self, s: &str) -> Self {
        let (s, mut i) = (s.as_bytes(), 0);
        while i < s.len() && self.len < N {
            self.bytes[self.len] = s[i];
            self.len += 1;
            i += 1;
        }
        if i < s.len() {
            // Never end within a character.
            while self.len > 0 && s[i] & 0xc0 == 0x80 && i > 0 {
                self.len -= 1;
                i -= 1;
            }
        }
        self
    }

    /// With the decimal digits of `value` at the end.
    pub const fn num(mut self, value: usize) -> Self {
        let mut power = 1;
        while value / power >= 10 {
            power *= 10;
        }
        while power > 0 && self.len < N {
            self.bytes[self.len] = b'0' + (value / power % 10) as u8;
            self.len += 1;
            power /= 10;
        }
        self
    }

    /// With the decimal digits of `value` at the end, behind a `-` if it is negative.
    pub const fn signed(self, value: isize) -> Self {
        if value < 0 { self.str("-").num(value.unsigned_abs()) } else { self.num(value as usize) }
    }

    /// With `[2, 3]` or `[..64, 40]` at the end.
    pub const fn shape(self, shape: &Shape) -> Self {
        let (mut text, mut i) = (self.str("["), 0);
        while i < shape.rank() {
            if i > 0 {
                text = text.str(", ");
            }
            if shape.is_bounded_at(i) {
                text = text.str("..");
            }
            text = text.num(shape.dim(i));
            i += 1;
        }
        text.str("]")
    }

    /// With `[2, 3]` at the end.
    pub const fn dims(self, dims: &[usize]) -> Self {
        let (mut text, mut i) = (self.str("["), 0);
        while i < dims.len() {
            if i > 0 {
                text = text.str(", ");
            }
            text = text.num(dims[i]);
            i += 1;
        }
        text.str("]")
    }

    /// What has been put together.
    pub const fn as_str(&self) -> &str {
        // Not `split_at`, which can panic: a device that keeps its parameters looks at the names of tensors.
        if let Some((said, _)) = self.bytes.split_at_checked(self.len)
            && let Ok(said) = core::str::from_utf8(said)
        {
            return said;
        }
        ""
    }
}

impl<const N: usize> core::fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.as_str().fmt(f)
    }
}

impl<const N: usize> core::fmt::Display for Text<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether `a` and `b` are the same, which `==` cannot say in a `const`.
pub const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
