//! A file of tensors, read.

use super::Error;
use super::header::{Dtype, Header};
use super::json::Raw;
use super::near::near;
use crate::text::Message;
use core::fmt::Write;
use core::ops::Range;
use std::borrow::ToOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::format;
use std::fs;
use std::path::{Path, PathBuf};
use std::string::String;
use std::vec;
use std::vec::Vec;

/// Pairs of texts that a file carries beside its tensors.
pub type Metadata = BTreeMap<String, String>;

/// A safetensors file, checked whole: each tensor has the bytes that its shape and type make, and all together are
/// the file, without holes and overlaps.
#[derive(Clone, Debug)]
pub struct File {
    path: PathBuf,
    bytes: Vec<u8>,
    tensors: BTreeMap<String, Place>,
    metadata: Metadata,
}

#[derive(Clone, Debug)]
struct Place {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Range<usize>,
    counter: bool,
}

/// One tensor of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View<'a> {
    /// What its numbers are.
    pub dtype: Dtype,
    /// The sizes of its axes, outermost first.
    pub shape: &'a [usize],
    /// Its numbers, little-endian and row-major, at any alignment.
    pub bytes: &'a [u8],
}

/// A tensor of floating-point numbers, to be had as `f32`: `F16` and `BF16` exactly, `F64` rounded to the nearest.
#[derive(Clone, Copy, Debug)]
pub struct Floats<'a>(View<'a>);

impl File {
    /// Reads the file `path`.
    ///
    /// # Errors
    /// Where it cannot be read, is damaged, or is no safetensors file.
    pub fn open(path: impl AsRef<Path>) -> Result<File, Error> {
        let path = path.as_ref();
        match fs::read(path) {
            Ok(bytes) => File::from_bytes(path, bytes),
            Err(source) => Err(Error::Unread { file: path.into(), source }),
        }
    }

    /// Reads the bytes of a file; `path` is its name in errors.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_bytes(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<File, Error> {
        let path = path.into();
        match parse(&bytes) {
            Ok((tensors, metadata)) => Ok(File { path, bytes, tensors, metadata }),
            Err(fault) => Err(Error::Damaged { file: path, fault: fault.as_str().to_owned() }),
        }
    }

    /// The names of its tensors, in the order of the alphabet.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// What it carries beside its tensors.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The tensor called `name`.
    ///
    /// # Errors
    /// Where there is none; the error names the nearest one.
    pub fn tensor(&self, name: &str) -> Result<View<'_>, Error> {
        match self.tensors.get(name) {
            Some(place) => Ok(self.view(place)),
            None => Err(self.unfit(vec![missing(name, None, self.nearest(name, |_| true))])),
        }
    }

    /// The `expected` tensors, each of a name and a shape, in their order.
    ///
    /// Nothing is given unless all is right, so a network that takes them is never half loaded. A counter of PyTorch's
    /// ([`Entry::is_counter`](super::Entry::is_counter)) may be over.
    ///
    /// # Errors
    /// Where one is missing, has another shape, or is not of floating-point numbers, and where the file has others. The
    /// error lists the tensors, what was found, and the nearest names.
    pub fn fit<'e>(
        &self,
        expected: impl IntoIterator<Item = (&'e str, &'e [usize])>,
    ) -> Result<Vec<Floats<'_>>, Error> {
        let expected = expected.into_iter().map(|(name, shape)| (name, shape, ()));
        self.fit_as(expected, |view, ()| view.floats().ok_or("floating-point numbers are"))
    }

    /// As [`fit`](Self::fit), for tensors of any type: the bytes of each.
    pub(crate) fn fit_bytes<'e>(
        &self,
        expected: impl IntoIterator<Item = (&'e str, &'e [usize], Dtype)>,
    ) -> Result<Vec<&[u8]>, Error> {
        self.fit_as(expected, |View { dtype, bytes, .. }, needed: Dtype| match dtype == needed {
            true => Ok(bytes),
            false => Err(format!("{} is", needed.name())),
        })
    }

    /// What `take` makes of each of the `expected` tensors, or says that it needs.
    fn fit_as<'e, 'a, T, N: std::fmt::Display, K: Copy>(
        &'a self,
        expected: impl IntoIterator<Item = (&'e str, &'e [usize], K)>,
        take: impl Fn(View<'a>, K) -> Result<T, N>,
    ) -> Result<Vec<T>, Error> {
        let expected: Vec<_> = expected.into_iter().collect();
        let known: BTreeSet<_> = expected.iter().map(|&(name, ..)| name).collect();
        let (mut found, mut faults) = (Vec::with_capacity(expected.len()), Vec::new());
        for &(name, shape, kind) in &expected {
            match self.tensors.get(name) {
                Some(place) if place.shape != shape => faults.push(format!(
                    "`{name}` has the shape {:?}, and {shape:?} is needed",
                    place.shape
                )),
                Some(place) => match take(self.view(place), kind) {
                    Ok(tensor) => found.push(tensor),
                    Err(needed) => faults
                        .push(format!("`{name}` is {}, and {needed} needed", place.dtype.name())),
                },
                None => {
                    let near = self.nearest(name, |other| !known.contains(other));
                    faults.push(missing(name, Some(shape), near));
                }
            }
        }
        for (name, place) in &self.tensors {
            if !known.contains(&name[..]) && !place.counter {
                faults.push(format!("`{name}` {:?} is not expected", place.shape));
            }
        }
        if faults.is_empty() { Ok(found) } else { Err(self.unfit(faults)) }
    }

    fn view<'a>(&'a self, place: &'a Place) -> View<'a> {
        let bytes = &self.bytes[place.bytes.clone()];
        View { dtype: place.dtype, shape: &place.shape, bytes }
    }

    /// The tensor whose name is nearest to `name`, of those that `may` be meant.
    fn nearest(&self, name: &str, may: impl Fn(&str) -> bool) -> Option<(&str, &[usize])> {
        let others = self.tensors.iter().filter(|(other, _)| may(other));
        let near = others.filter_map(|(other, place)| Some((near(name, other)?, other, place)));
        let (_, other, place) = near.min_by_key(|(distance, ..)| *distance)?;
        Some((other, &place.shape))
    }

    fn unfit(&self, faults: Vec<String>) -> Error {
        Error::Unfit { file: self.path.clone(), faults }
    }
}

impl<'a> View<'a> {
    /// Its numbers as `f32`; `None` where they are no `F32`, `F16`, `BF16` or `F64`.
    pub fn floats(self) -> Option<Floats<'a>> {
        let float = matches!(self.dtype, Dtype::F32 | Dtype::F16 | Dtype::BF16 | Dtype::F64);
        float.then_some(Floats(self))
    }
}

impl Floats<'_> {
    /// Writes the numbers into `to`.
    ///
    /// # Panics
    /// When `to` has more or fewer.
    pub fn copy_to(&self, to: &mut [f32]) {
        let View { dtype, shape, bytes } = self.0;
        assert_eq!(to.len(), shape.iter().product::<usize>(), "a tensor {shape:?} is copied whole");
        match dtype {
            Dtype::F32 => each(bytes, to, f32::from_le_bytes),
            Dtype::F64 => each(bytes, to, |x| f64::from_le_bytes(x) as f32),
            Dtype::BF16 => each(bytes, to, |[a, b]| f32::from_le_bytes([0, 0, a, b])),
            _ => each(bytes, to, |x| half(u16::from_le_bytes(x))),
        }
    }

    /// The numbers.
    pub fn to_vec(&self) -> Vec<f32> {
        let mut numbers = vec![0.0; self.0.shape.iter().product()];
        self.copy_to(&mut numbers);
        numbers
    }
}

fn each<const N: usize>(bytes: &[u8], to: &mut [f32], number: impl Fn([u8; N]) -> f32) {
    for (to, &bytes) in to.iter_mut().zip(bytes.as_chunks().0) {
        *to = number(bytes);
    }
}

/// The value of an IEEE 754 half: a sign, five bits of exponent, ten of fraction.
fn half(bits: u16) -> f32 {
    let (exponent, fraction) = (u32::from(bits >> 10) & 31, u32::from(bits & 1023));
    let size = match exponent {
        0 => fraction as f32 / 16_777_216.0,
        31 => f32::from_bits(0x7f80_0000 | fraction << 13),
        _ => f32::from_bits((exponent + 112) << 23 | fraction << 13),
    };
    if bits >> 15 == 0 { size } else { -size }
}

type Contents = (BTreeMap<String, Place>, Metadata);

fn parse(file: &[u8]) -> Result<Contents, Message> {
    let mut header = Header::new(file)?;
    let data = file.len() - header.data().len();
    let (mut tensors, mut extents) = (BTreeMap::new(), Vec::new());
    while let Some(entry) = header.next()? {
        let about = Message::new().str("`").str(entry.name);
        let raw = Raw { text: entry.name, escaped: entry.escaped };
        let Some(name) = raw.decode() else {
            return Err(about.str("` has a wrong escape in its name"));
        };
        let begin = data + entry.begin;
        let bytes = begin..begin + entry.bytes.len();
        extents.push((bytes.start, bytes.end));
        let (dtype, shape) = (entry.dtype, entry.shape().to_vec());
        let place = Place { dtype, shape, bytes, counter: entry.is_counter() };
        if tensors.insert(name, place).is_some() {
            return Err(about.str("` is there twice"));
        }
    }
    extents.sort_unstable();
    let end = extents.iter().try_fold(data, |at, &(begin, end)| (begin == at).then_some(end));
    if end != Some(file.len()) {
        return Err(Message::new().str("its tensors overlap or leave holes; it is damaged"));
    }
    Ok((tensors, header.metadata()?))
}

fn missing(name: &str, shape: Option<&[usize]>, near: Option<(&str, &[usize])>) -> String {
    let mut text = format!("`{name}` ");
    if let Some(shape) = shape {
        let _ = write!(text, "{shape:?} ");
    }
    text.push_str("is missing");
    if let Some((other, shape)) = near {
        let _ = write!(text, "; the nearest is `{other}` {shape:?}");
    }
    text
}
