//! Memory for a pass: an array whose size the compiler knows, or a buffer that grows.

#[cfg(feature = "alloc")]
use crate::bits::Lines;
use crate::check::check;

/// Something that lends memory to a pass.
pub trait Memory {
    /// At least `len` numbers, whatever they hold.
    ///
    /// # Panics
    /// When there is no room for so many.
    fn room(&mut self, len: usize) -> &mut [f32];
}

/// Memory of a fixed size, for a `static` or the stack: `Arena::<{ Net::TRAINING.len(8) }>::new()` is enough to train on 8 samples
/// at a time, and `Net::workspace()` for one inference.
#[cfg_attr(
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "wasm32"),
    repr(align(64))
)]
pub struct Arena<const LEN: usize>([f32; LEN]);

impl<const LEN: usize> Arena<LEN> {
    /// `LEN` zeros.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Arena([0.0; LEN])
    }
}

impl<const LEN: usize> Memory for Arena<LEN> {
    #[inline]
    #[track_caller]
    fn room(&mut self, len: usize) -> &mut [f32] {
        check!(
            len <= LEN,
            "this pass needs {len} numbers of memory, and the arena has {LEN}",
            &mut []
        );
        &mut self.0[..len]
    }
}

/// Memory that grows with what is asked of it.
#[cfg(feature = "alloc")]
#[derive(Default)]
pub struct Workspace {
    numbers: Lines,
}

#[cfg(feature = "alloc")]
impl Workspace {
    /// No memory yet.
    pub const fn new() -> Self {
        Workspace { numbers: Lines::EMPTY }
    }
}

#[cfg(feature = "alloc")]
impl Memory for Workspace {
    #[inline]
    fn room(&mut self, len: usize) -> &mut [f32] {
        self.numbers.room(len)
    }
}

/// Memory for one inference of a network, as an [`Arena`]: `workspace!(Mlp<64>)`. A network without parameters has `Net::workspace()`.
#[macro_export]
macro_rules! workspace {
    ($net:ty) => {
        $crate::memory::Arena::<{ <$net as $crate::network::Network>::INFERENCE.len(1) }>::new()
    };
}
