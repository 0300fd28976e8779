//! What a device has learnt, kept in its flash, where the power may go at any moment.

use core::fmt;
use core::ops::Range;

use crc::{CRC_32_ISO_HDLC, Crc, Digest, NoTable};
pub use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};

use crate::network::{Network, numbers};

/// Parameters in two slots of a flash memory: while one is written, the other still holds what was written before.
///
/// ```
/// use firmnet_runtime::io::flash::{NorFlash, Store};
/// # use firmnet_runtime::network::Network;
/// # fn learn(_: &mut impl Network) {}
///
/// fn day<N: Network, F: NorFlash>(flash: F, net: &mut N) -> Result<(), firmnet_runtime::io::flash::StoreError<F::Error>> {
///     let mut store = Store::new(flash, 0x8000..0xa000);
///     store.load(net)?; // what was learnt until yesterday, if anything was
///     learn(net);
///     store.save(net)?;
///     Ok(())
/// }
/// ```
///
/// Half of the range is a slot: a head, then every number of the network in its own order. A slot is erased, the numbers are written, and the
/// head comes last, with a checksum (CRC-32) over all of it. Whatever the moment in which the power goes, either the new parameters are whole or the
/// old ones are still there. Both slots wear alike.
///
/// The flash is any that implements `embedded-storage`'s [`NorFlash`], as those of embassy's and other HALs do. Nothing is allocated; a few
/// words of the stack are all the memory that it takes. It needs the feature `flash`, which `std` has.
#[derive(Debug)]
pub struct Store<F> {
    flash: F,
    range: Range<u32>,
}

/// The words at the start of a slot.
struct Head {
    /// Counts what was written, 1 for the first.
    generation: u32,
    /// Over the generation, the layout of the network and its numbers.
    checksum: u32,
}

const HEAD: [u8; 4] = *b"fnet";
/// Bytes that are read or written at a time: a whole number of the flash's words.
const BLOCK: usize = 64;
/// Numbers in a block.
const WORDS: usize = BLOCK / 4;
static CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

impl<F: NorFlash> Store<F> {
    const FITS: () = assert!(
        BLOCK.is_multiple_of(F::WRITE_SIZE) && BLOCK.is_multiple_of(F::READ_SIZE),
        "a flash whose words are longer than 64 bytes is not supported"
    );

    /// A store in the bytes `range` of `flash`, of which it takes the whole sectors of each half. Nothing is read or written yet.
    pub fn new(flash: F, range: Range<u32>) -> Self {
        const { Self::FITS };
        Store { flash, range }
    }

    /// The flash, back.
    pub fn free(self) -> F {
        self.flash
    }

    /// Sets `net` to what was saved last, and says how many times anything has been saved; `None` where nothing of this network is there. Then `net` is
    /// as it was.
    ///
    /// # Errors
    /// Where the flash cannot be read, or the range is too small or not made of whole sectors.
    pub fn load<N: Network>(&mut self, net: &mut N) -> Result<Option<u32>, StoreError<F::Error>> {
        let Some((slot, head)) = self.latest::<N>()? else { return Ok(None) };
        let (mut at, mut block, mut left) = (slot, [0; BLOCK], 0);
        for i in 0..N::TENSORS.len() {
            for x in net.tensor_mut(i) {
                if left == 0 {
                    at += BLOCK as u32;
                    self.flash.read(at, &mut block).map_err(StoreError::Flash)?;
                    left = WORDS;
                }
                *x = block.as_chunks().0.get(WORDS - left).map_or(0.0, |&x| f32::from_le_bytes(x));
                left -= 1;
            }
        }
        Ok(Some(head.generation))
    }

    /// Writes every number of `net`, and says how many times anything has been saved.
    ///
    /// # Errors
    /// Where the flash cannot be written or gives back something else, or the range is too small or not made of whole sectors. What was saved before is
    /// still there.
    pub fn save<N: Network>(&mut self, net: &N) -> Result<u32, StoreError<F::Error>> {
        let latest = self.latest::<N>()?;
        let [first, second] = self.slots::<N>()?;
        let (slot, generation) = match latest {
            Some((at, head)) if at == first => (second, head.generation.wrapping_add(1)),
            Some((_, head)) => (first, head.generation.wrapping_add(1)),
            None => (first, 1),
        };
        let end = slot + (second - first);
        self.flash.erase(slot, end).map_err(StoreError::Flash)?;
        let (mut at, mut digest) = (slot, digest::<N>(generation));
        let mut numbers = (0..N::TENSORS.len()).flat_map(|i| net.tensor(i));
        for _ in 0..blocks::<N>() {
            let mut block = [0; BLOCK];
            for (bytes, x) in block.as_chunks_mut().0.iter_mut().zip(&mut numbers) {
                *bytes = x.to_le_bytes();
            }
            at += BLOCK as u32;
            self.flash.write(at, &block).map_err(StoreError::Flash)?;
            digest.update(&block);
        }
        let mut block = [0; BLOCK];
        let words = [HEAD, generation.to_le_bytes(), digest.finalize().to_le_bytes()];
        for (bytes, word) in block.as_chunks_mut().0.iter_mut().zip(words) {
            *bytes = word;
        }
        self.flash.write(slot, &block).map_err(StoreError::Flash)?;
        match self.head::<N>(slot)? {
            Some(head) if head.generation == generation => Ok(generation),
            _ => Err(StoreError::Unwritten),
        }
    }

    /// The slot that was written last, if any is whole, and its head.
    fn latest<N: Network>(&mut self) -> Result<Option<(u32, Head)>, StoreError<F::Error>> {
        let [first, second] = self.slots::<N>()?;
        let heads = (self.head::<N>(first)?, self.head::<N>(second)?);
        Ok(match heads {
            // The count goes round after four billion.
            (Some(a), Some(b)) if b.generation.wrapping_sub(a.generation) < 1 << 31 => {
                Some((second, b))
            }
            (Some(a), _) => Some((first, a)),
            (None, Some(b)) => Some((second, b)),
            (None, None) => None,
        })
    }

    /// The head of the slot at `slot`, if the whole of it is sound.
    fn head<N: Network>(&mut self, slot: u32) -> Result<Option<Head>, StoreError<F::Error>> {
        let mut block = [0; BLOCK];
        self.flash.read(slot, &mut block).map_err(StoreError::Flash)?;
        let [name, generation, checksum, ..] = block.as_chunks().0 else { return Ok(None) };
        let word = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes);
        let head = Head { generation: word(generation), checksum: word(checksum) };
        if *name != HEAD {
            return Ok(None);
        }
        let (mut at, mut digest) = (slot, digest::<N>(head.generation));
        for _ in 0..blocks::<N>() {
            at += BLOCK as u32;
            self.flash.read(at, &mut block).map_err(StoreError::Flash)?;
            digest.update(&block);
        }
        Ok((digest.finalize() == head.checksum).then_some(head))
    }

    /// Where both slots begin.
    fn slots<N: Network>(&self) -> Result<[u32; 2], StoreError<F::Error>> {
        let (sector, Range { start, end }) = (F::ERASE_SIZE as u32, self.range.clone());
        let need = (1 + blocks::<N>() as u32) * BLOCK as u32;
        let slot = end.saturating_sub(start) / 2 / sector * sector;
        if !start.is_multiple_of(sector) {
            return Err(StoreError::Misaligned { start, sector });
        }
        if slot < need || end as usize > self.flash.capacity() {
            let need = 2 * need.next_multiple_of(sector);
            return Err(StoreError::TooSmall { need, capacity: self.flash.capacity() as u32 });
        }
        Ok([start, start + slot])
    }
}

/// Why parameters were not saved or loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError<E> {
    /// The flash says why.
    Flash(E),
    /// The flash holds something else than what was written.
    Unwritten,
    /// The range does not begin where a sector begins.
    Misaligned {
        /// Where it begins.
        start: u32,
        /// Bytes of a sector.
        sector: u32,
    },
    /// The range is too small for two slots, or goes beyond the flash.
    TooSmall {
        /// Bytes that two slots take.
        need: u32,
        /// Bytes of the whole flash.
        capacity: u32,
    },
}

impl<E: fmt::Debug> fmt::Display for StoreError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::Flash(error) => write!(f, "the flash: {error:?}"),
            StoreError::Unwritten => {
                write!(
                    f,
                    "the flash holds something else than what was written: it may be worn out"
                )
            }
            StoreError::Misaligned { start, sector } => {
                write!(f, "the range begins at {start:#x}, and sectors at multiples of {sector:#x}")
            }
            StoreError::TooSmall { need, capacity } => write!(
                f,
                "two slots take {need} bytes in whole sectors: the range is too small, or it goes beyond the {capacity} bytes of the flash"
            ),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for StoreError<E> {}

/// A checksum that has seen which write it is of, and of which network: names and sizes of its tensors.
fn digest<N: Network>(generation: u32) -> Digest<'static, u32, NoTable> {
    let mut digest = CRC.digest();
    digest.update(&generation.to_le_bytes());
    for tensor in N::TENSORS {
        digest.update(tensor.name.as_str().as_bytes());
        for axis in 0..tensor.shape.rank() {
            digest.update(&(tensor.shape.dim(axis) as u32).to_le_bytes());
        }
    }
    digest
}

/// Blocks of numbers.
fn blocks<N: Network>() -> usize {
    numbers(N::TENSORS, false).div_ceil(WORDS)
}
