//! IDX, the format of MNIST and its relatives: an array of bytes with its sizes in front.

use crate::sample::Sample;
use core::{fmt, slice};
use flate2::bufread::MultiGzDecoder;
use std::format;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec;
use std::vec::Vec;
use thiserror::Error;

/// An array of bytes of any number of axes, the last one fastest.
///
/// The file is `00 00 08 rank`, then `rank` big-endian `u32` sizes, then the bytes
/// (<http://yann.lecun.com/exdb/mnist/>), plain or in gzip, which its first bytes decide and not its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idx {
    file: PathBuf,
    shape: Vec<usize>,
    values: Vec<u8>,
}

/// One grey picture: one channel, `H` rows, `W` columns.
pub type Image<const H: usize, const W: usize> = [[[f32; W]; H]; 1];

/// What a pixel of 0 to 255 becomes: `(pixel / 255 − mean) / std`, as torchvision's `ToTensor` and `Normalize`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// What is subtracted: the mean of the training set, its white being 1.
    pub mean: f32,
    /// What is divided by: the standard deviation of the training set.
    pub std: f32,
}

impl Idx {
    /// Reads `file`.
    ///
    /// # Errors
    /// Where the file cannot be read, is no IDX file of bytes, or is shorter or longer than its sizes say.
    pub fn open(file: impl AsRef<Path>) -> Result<Idx, IdxError> {
        let file = file.as_ref();
        let bytes = fs::read(file).map_err(|e| Fault::Unreadable(e).of(file))?;
        Idx::parse(file, &bytes)
    }

    /// Reads `file`, or where there is none, `file` with `.gz` at the end.
    pub(super) fn open_either(file: &Path) -> Result<Idx, IdxError> {
        let zipped = file.with_added_extension("gz");
        match (file.exists(), zipped.exists()) {
            (true, _) => Idx::open(file),
            (false, true) => Idx::open(zipped),
            (false, false) => Err(Fault::Missing.of(file)),
        }
    }

    /// Reads the bytes of a file; `file` is its name in errors.
    ///
    /// Memory grows with the values that are really there, whatever the header says.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn parse(file: impl AsRef<Path>, bytes: &[u8]) -> Result<Idx, IdxError> {
        let read = match bytes {
            [0x1f, 0x8b, ..] => parse(MultiGzDecoder::new(bytes), Fault::Gzip),
            _ => parse(bytes, Fault::Unreadable),
        };
        match read {
            Ok((shape, values)) => Ok(Idx { file: file.as_ref().into(), shape, values }),
            Err(fault) => Err(fault.of(file.as_ref())),
        }
    }

    /// The sizes of the axes, outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// All values, the last axis fastest.
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// `[N]` → N labels.
    ///
    /// # Errors
    /// Where the array has not one axis, or a label is not below `classes`.
    pub fn labels(&self, classes: usize) -> Result<&[u8], IdxError> {
        if self.shape.len() != 1 {
            return Err(self.unlike("[N] labels".into()));
        }
        match self.values.iter().position(|&label| usize::from(label) >= classes) {
            Some(at) => Err(Fault::Label { at, label: self.values[at], classes }.of(&self.file)),
            None => Ok(&self.values),
        }
    }

    /// `[N, H, W]` → N pictures.
    ///
    /// # Errors
    /// Where the array has not three axes, or its pictures another size.
    pub fn images<const H: usize, const W: usize>(
        &self,
        scale: Scale,
    ) -> Result<Vec<Image<H, W>>, IdxError> {
        let mut images = vec![Image::<H, W>::ZERO; self.count(H, W)?];
        scale.apply(&self.values, Sample::flatten_mut(&mut images));
        Ok(images)
    }

    /// `[N, H, W]` and the `[N]` of `labels` → N pictures, each with its label.
    ///
    /// # Errors
    /// As [`images`](Self::images) and [`labels`](Self::labels), and where the one has more than the other.
    pub fn labelled<const H: usize, const W: usize>(
        &self,
        labels: &Idx,
        classes: usize,
        scale: Scale,
    ) -> Result<Vec<(Image<H, W>, u8)>, IdxError> {
        let (expected, classes) = (self.count(H, W)?, labels.labels(classes)?);
        if classes.len() != expected {
            let (found, images) = (classes.len(), self.file.clone());
            return Err(Fault::Count { found, images, expected }.of(&labels.file));
        }
        let mut samples = vec![(Image::<H, W>::ZERO, 0); expected];
        for (i, (image, label)) in samples.iter_mut().enumerate() {
            let pixels = &self.values[i * H * W..(i + 1) * H * W];
            scale.apply(pixels, Sample::flatten_mut(slice::from_mut(image)));
            *label = classes[i];
        }
        Ok(samples)
    }

    /// How many pictures of `height` x `width` these are.
    fn count(&self, height: usize, width: usize) -> Result<usize, IdxError> {
        match self.shape[..] {
            [count, h, w] if (h, w) == (height, width) => Ok(count),
            _ => Err(self.unlike(format!("[N, {height}, {width}] pictures"))),
        }
    }

    fn unlike(&self, expected: String) -> IdxError {
        Fault::Shape { found: self.shape.clone(), expected }.of(&self.file)
    }
}

impl Scale {
    /// MNIST's own.
    pub const MNIST: Scale = Scale { mean: 0.1307, std: 0.3081 };
    /// Fashion-MNIST's own.
    pub const FASHION_MNIST: Scale = Scale { mean: 0.2860, std: 0.3530 };

    /// What `pixel` becomes.
    pub fn of(self, pixel: u8) -> f32 {
        (f32::from(pixel) / 255.0 - self.mean) / self.std
    }

    fn apply(self, pixels: &[u8], numbers: &mut [f32]) {
        // No table: the division of eight at a time costs less than eight look-ups.
        for (number, &pixel) in numbers.iter_mut().zip(pixels) {
            *number = self.of(pixel);
        }
    }
}

/// The sizes and the values; `broken` says what an error of the reader means.
fn parse(
    mut from: impl Read,
    broken: fn(io::Error) -> Fault,
) -> Result<(Vec<usize>, Vec<u8>), Fault> {
    let mut take = |bytes: u64| {
        let mut taken = Vec::new();
        from.by_ref().take(bytes).read_to_end(&mut taken).map_err(broken)?;
        Ok(taken)
    };
    let magic = take(4)?;
    let [0, 0, code, rank] = magic[..] else { return Err(Fault::Magic(magic)) };
    if code != 8 {
        return Err(Fault::Type { code });
    }
    if rank == 0 {
        return Err(Fault::Magic(magic));
    }
    let sizes = take(u64::from(rank) * 4)?;
    let expected = 4 + usize::from(rank) * 4;
    if 4 + sizes.len() != expected {
        return Err(Fault::Header { expected, found: 4 + sizes.len() });
    }
    let shape: Vec<usize> =
        sizes.as_chunks().0.iter().map(|&size| u32::from_be_bytes(size) as usize).collect();
    let Some(expected) = shape.iter().try_fold(1, |n: usize, &size| n.checked_mul(size)) else {
        return Err(Fault::Huge(shape));
    };
    // One more than there may be, to see that there is no more; in gzip, to see its checksum as well.
    let values = take((expected as u64).saturating_add(1))?;
    match values.len() {
        found if found < expected => Err(Fault::Truncated { shape, expected, found }),
        found if found > expected => Err(Fault::Trailing { shape, expected }),
        _ => Ok((shape, values)),
    }
}

/// Why a file is not the IDX file that it should be; the message says which file, what was found and how to mend it.
#[derive(Debug, Error)]
#[error("`{}` {fault}", .file.display())]
pub struct IdxError {
    file: PathBuf,
    fault: Fault,
}

#[derive(Debug, Error)]
enum Fault {
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("is not there, nor with `.gz` at the end; is this the folder of the data set?")]
    Missing,
    #[error("is a gzip file that is damaged or cut short ({0}); fetch it again")]
    Gzip(io::Error),
    #[error(
        "begins with the bytes [{}], and an IDX file with [00 00 08] and its number of axes; \
         is it the right file?", Hex(.0)
    )]
    Magic(Vec<u8>),
    #[error(
        "holds {} (type {code:#04x}), and only bytes (0x08) are read; write it as bytes",
        kind(*.code)
    )]
    Type { code: u8 },
    #[error("ends after {found} of the {expected} bytes of its header; fetch it again")]
    Header { expected: usize, found: usize },
    #[error("has the sizes {0:?}, more bytes than this machine can address; its header is damaged")]
    Huge(Vec<usize>),
    #[error(
        "has the sizes {shape:?}, so {expected} values, and ends after {found}; fetch it again"
    )]
    Truncated { shape: Vec<usize>, expected: usize, found: usize },
    #[error(
        "has the sizes {shape:?}, so {expected} values, and goes on after them; fetch it again"
    )]
    Trailing { shape: Vec<usize>, expected: usize },
    #[error("has the sizes {found:?}, and {expected} were expected; is it the right file?")]
    Shape { found: Vec<usize>, expected: String },
    #[error(
        "has {found} labels, and `{}` {expected} pictures; take both from one set",
        .images.display()
    )]
    Count { found: usize, images: PathBuf, expected: usize },
    #[error("has the label {label} at {at}, and {classes} classes count from 0")]
    Label { at: usize, label: u8, classes: usize },
}

impl Fault {
    fn of(self, file: &Path) -> IdxError {
        IdxError { file: file.into(), fault: self }
    }
}

/// What the third byte of an IDX file says about its values.
fn kind(byte: u8) -> &'static str {
    match byte {
        0x09 => "signed bytes",
        0x0b => "16-bit integers",
        0x0c => "32-bit integers",
        0x0d => "f32",
        0x0e => "f64",
        _ => "values of an unknown kind",
    }
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02x}", if i == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}
