//! A flash that loses its power at any word, and what is left in it.

use embedded_storage::nor_flash::{ErrorType, NorFlashError, NorFlashErrorKind};
use firmnet::io::flash::{NorFlash, ReadNorFlash, Store, StoreError};
use firmnet::prelude::*;

network! { struct Head: [5] -> [3] { fc: Linear(3), bn: BatchNorm1d } }
network! { struct Other: [5] -> [3] { fc: Linear(3), norm: BatchNorm1d } }

/// Four sectors of 128 bytes, written in words of 8, of which each is erased once and then written once.
struct Flash {
    bytes: [u8; 512],
    /// Words that are still written or erased before the power goes.
    power: usize,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
struct Cut;

impl NorFlashError for Cut {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl ErrorType for Flash {
    type Error = Cut;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;
    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Cut> {
        bytes.copy_from_slice(&self.bytes[offset as usize..][..bytes.len()]);
        Ok(())
    }
    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 128;
    fn erase(&mut self, from: u32, to: u32) -> Result<(), Cut> {
        assert!(from.is_multiple_of(128) && to.is_multiple_of(128), "whole sectors");
        for word in self.bytes[from as usize..to as usize].as_chunks_mut::<8>().0 {
            // Where the power goes, a word is half erased.
            let done = self.power > 0;
            word[..if done { 8 } else { 3 }].fill(0xff);
            self.power = self.power.checked_sub(1).ok_or(Cut)?;
        }
        Ok(())
    }
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Cut> {
        assert!(offset.is_multiple_of(8) && bytes.len().is_multiple_of(8), "whole words");
        let words = self.bytes[offset as usize..].as_chunks_mut::<8>().0;
        for (to, from) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
            assert_eq!(*to, [0xff; 8], "a word is written once after it is erased");
            let done = self.power > 0;
            let half = if done { 8 } else { 5 };
            to[..half].copy_from_slice(&from[..half]);
            self.power = self.power.checked_sub(1).ok_or(Cut)?;
        }
        Ok(())
    }
}

const RANGE: std::ops::Range<u32> = 0..512;
const PLENTY: usize = 1 << 20;

fn flash() -> Flash {
    Flash { bytes: [0xa5; 512], power: PLENTY }
}

fn net(value: f32) -> Head {
    let mut net = Head::ZERO;
    for i in 0..Head::TENSORS.len() {
        let numbers = net.tensor_mut(i).iter_mut().enumerate();
        numbers.for_each(|(k, x)| *x = value + (i * 100 + k) as f32);
    }
    net
}

fn numbers(net: &Head) -> Vec<f32> {
    (0..Head::TENSORS.len()).flat_map(|i| net.tensor(i)).copied().collect()
}

/// What comes out of a flash after the power is back, and how often was saved.
fn found(bytes: [u8; 512]) -> Option<(u32, Vec<f32>)> {
    let mut net = net(-1.0);
    let generation = Store::new(Flash { bytes, power: PLENTY }, RANGE).load(&mut net).unwrap();
    if generation.is_none() {
        assert_eq!(numbers(&net), numbers(&self::net(-1.0)), "where nothing is, nothing changes");
    }
    generation.map(|generation| (generation, numbers(&net)))
}

#[test]
fn what_is_saved_is_loaded() {
    let mut flash = flash();
    assert_eq!(found(flash.bytes), None);
    for day in 1..=5 {
        let mut store = Store::new(flash, RANGE);
        assert_eq!(store.save(&net(day as f32)), Ok(day));
        flash = store.free();
        assert_eq!(found(flash.bytes), Some((day, numbers(&net(day as f32)))));
    }
    let other = Store::new(flash, RANGE).load(&mut { Other::ZERO });
    assert_eq!(other, Ok(None), "it is not of this network");
}

#[test]
fn a_cut_at_any_word_loses_nothing() {
    for saved in 0..4 {
        let mut store = Store::new(flash(), RANGE);
        (1..=saved).for_each(|day| assert_eq!(store.save(&net(day as f32)), Ok(day)));
        let before = store.free().bytes;
        let old = (saved > 0).then(|| (saved, numbers(&net(saved as f32))));
        let new = Some((saved + 1, numbers(&net(saved as f32 + 1.0))));
        let mut cuts = 0;
        let whole = loop {
            let mut store = Store::new(Flash { bytes: before, power: cuts }, RANGE);
            let result = store.save(&net(saved as f32 + 1.0));
            let after = store.free().bytes;
            if result.is_ok() {
                break after;
            }
            assert_eq!(result, Err(StoreError::Flash(Cut)));
            let left = found(after);
            assert!(left == old || left == new, "cut after {cuts} words: {left:?}");
            // And life goes on.
            let mut store = Store::new(Flash { bytes: after, power: PLENTY }, RANGE);
            let generation = store.save(&net(9.0)).unwrap();
            assert_eq!(found(store.free().bytes), Some((generation, numbers(&net(9.0)))));
            cuts += 1;
        };
        assert_eq!(found(whole), new);
        // A slot of 32 words is erased; two blocks of 8 words are written, and then the head.
        assert_eq!(cuts, 32 + 8 * (2 + 1));
    }
}

#[test]
fn any_byte_that_changes_is_found() {
    let mut store = Store::new(flash(), RANGE);
    store.save(&net(1.0)).unwrap();
    let bytes = store.free().bytes;
    for at in (0..12).chain(64..3 * 64) {
        let mut bytes = bytes;
        bytes[at] ^= 4;
        assert_eq!(found(bytes), None, "byte {at}");
    }
}

#[test]
fn a_range_that_does_not_serve_is_said() {
    let said = |range| Store::new(flash(), range).save(&net(1.0)).unwrap_err().to_string();
    assert_eq!(said(64..512), "the range begins at 0x40, and sectors at multiples of 0x80");
    assert_eq!(
        said(0..256),
        "two slots take 512 bytes in whole sectors: the range is too small, or it goes beyond the 512 bytes of the flash"
    );
    assert!(said(0..1024).contains("goes beyond the 512 bytes"), "{}", said(0..1024));
}
