//! RAM that behaves as flash does: sectors are erased to ones, and words are written once. Here stands the flash of your own board's crate.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

/// `N` bytes in sectors of 512, written in words of 8.
pub struct Flash<const N: usize> {
    bytes: [u8; N],
    /// How many more words are written or erased before the power fails.
    pub power: u32,
}

impl<const N: usize> Flash<N> {
    /// An empty one.
    pub const fn new() -> Self {
        Flash { bytes: [0xff; N], power: u32::MAX }
    }

    /// What an operation does to each word of a stretch, while there is power.
    fn each_word(
        &mut self,
        from: u32,
        len: usize,
        mut word: impl FnMut(usize, &mut [u8; 8]),
    ) -> Result<(), PowerFailed> {
        let stretch = self.bytes.get_mut(from as usize..).and_then(|rest| rest.get_mut(..len));
        for (i, bytes) in stretch.ok_or(PowerFailed)?.as_chunks_mut().0.iter_mut().enumerate() {
            self.power = self.power.checked_sub(1).ok_or(PowerFailed)?;
            word(i, bytes);
        }
        Ok(())
    }
}

impl<const N: usize> Default for Flash<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// The power failed, or there is no such place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerFailed;

impl NorFlashError for PowerFailed {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl<const N: usize> ErrorType for Flash<N> {
    type Error = PowerFailed;
}

impl<const N: usize> ReadNorFlash for Flash<N> {
    const READ_SIZE: usize = 1;
    fn read(&mut self, offset: u32, to: &mut [u8]) -> Result<(), PowerFailed> {
        let from = self.bytes.get(offset as usize..).and_then(|rest| rest.get(..to.len()));
        to.iter_mut().zip(from.ok_or(PowerFailed)?).for_each(|(to, &from)| *to = from);
        Ok(())
    }
    fn capacity(&self) -> usize {
        N
    }
}

impl<const N: usize> NorFlash for Flash<N> {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 512;
    fn erase(&mut self, from: u32, to: u32) -> Result<(), PowerFailed> {
        self.each_word(from, to.saturating_sub(from) as usize, |_, word| *word = [0xff; 8])
    }
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), PowerFailed> {
        let words = bytes.as_chunks::<8>().0;
        self.each_word(offset, bytes.len(), |i, word| {
            let new = words.get(i).copied().unwrap_or_default();
            // A word that was written before would lose the ones of both.
            word.iter_mut().zip(new).for_each(|(word, new)| *word &= new);
        })
    }
}
