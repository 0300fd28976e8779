//! Writing tensors to a file.

use super::{Dtype, Error, Metadata};
use crate::io::atomic;
use core::fmt::Write as _;
use core::iter;
use std::io;
use std::path::Path;
use std::string::String;
use std::vec::Vec;

/// Writes a file of `f32` tensors, each with its name and its shape, whole or not at all ([`atomic::write`]).
///
/// The same tensors and metadata give the same bytes. Nothing is copied as a whole.
///
/// # Errors
/// Where the file cannot be written; then the old one is untouched.
///
/// # Panics
/// When a tensor has more or fewer numbers than its shape makes, or two have one name.
pub fn write<'a>(
    path: impl AsRef<Path>,
    tensors: impl IntoIterator<Item = (&'a str, &'a [usize], &'a [f32])>,
    metadata: &Metadata,
) -> Result<(), Error> {
    let tensors: Vec<_> = tensors.into_iter().collect();
    let of = |&(name, shape, numbers): &(&'a str, &'a [usize], &'a [f32])| {
        let len = shape.iter().product::<usize>();
        assert_eq!(numbers.len(), len, "`{name}` has as many numbers as its shape {shape:?}");
        (name, shape, Dtype::F32)
    };
    let header = header(tensors.iter().map(of), metadata);
    put(path.as_ref(), &header, |to| {
        tensors.iter().try_for_each(|(_, _, numbers)| floats(to, numbers))
    })
}

/// As [`write`], with tensors of any type, each in its bytes.
///
/// # Errors
/// Where the file cannot be written; then the old one is untouched.
///
/// # Panics
/// When two tensors have one name.
pub(crate) fn write_bytes<'a>(
    path: &Path,
    tensors: impl Iterator<Item = (&'a str, &'a [usize], Dtype, &'a [u8])>,
) -> Result<(), Error> {
    let tensors: Vec<_> = tensors.collect();
    let of = |&(name, shape, dtype, _): &(&'a str, &'a [usize], _, _)| (name, shape, dtype);
    let header = header(tensors.iter().map(of), &Metadata::new());
    put(path, &header, |to| tensors.iter().try_for_each(|(.., bytes)| to.write_all(bytes)))
}

/// Writes a header, and behind it what `numbers` writes.
fn put(
    path: &Path,
    header: &str,
    numbers: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Error> {
    let written = atomic::write(path, |to| {
        to.write_all(&(header.len() as u64).to_le_bytes())?;
        to.write_all(header.as_bytes())?;
        numbers(to)
    });
    written.map_err(|source| Error::Unwritten { file: path.into(), source })
}

/// The header, with spaces at its end so that the numbers begin at a multiple of eight.
fn header<'a>(
    tensors: impl Iterator<Item = (&'a str, &'a [usize], Dtype)>,
    metadata: &Metadata,
) -> String {
    let tensors: Vec<_> = tensors.collect();
    let mut names: Vec<&str> = tensors.iter().map(|(name, ..)| *name).collect();
    names.sort_unstable();
    for pair in names.windows(2) {
        assert_ne!(pair[0], pair[1], "two tensors have one name");
    }
    let (mut header, mut begin) = (String::from("{"), 0);
    if !metadata.is_empty() {
        header.push_str("\"__metadata__\":{");
        for (i, (key, value)) in metadata.iter().enumerate() {
            header.push_str(if i == 0 { "" } else { "," });
            string(&mut header, key);
            header.push(':');
            string(&mut header, value);
        }
        header.push('}');
    }
    for (name, shape, dtype) in tensors {
        assert_ne!(name, "__metadata__", "the format keeps this name for itself");
        header.push_str(if header.len() == 1 { "" } else { "," });
        string(&mut header, name);
        let end = begin + shape.iter().product::<usize>() * dtype.bits() / 8;
        let _ = write!(
            header,
            ":{{\"dtype\":\"{}\",\"shape\":{shape:?},\"data_offsets\":[{begin},{end}]}}",
            dtype.name()
        );
        begin = end;
    }
    header.push('}');
    header.extend(iter::repeat_n(' ', header.len().next_multiple_of(8) - header.len()));
    header
}

/// Adds `text` in quotes.
fn string(header: &mut String, text: &str) {
    header.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => header.extend(['\\', c]),
            '\0'..' ' => _ = write!(header, "\\u{:04x}", u32::from(c)),
            _ => header.push(c),
        }
    }
    header.push('"');
}

fn floats(to: &mut dyn io::Write, numbers: &[f32]) -> io::Result<()> {
    let mut block = [0; 4096];
    for numbers in numbers.chunks(block.len() / 4) {
        for (to, x) in block.as_chunks_mut().0.iter_mut().zip(numbers) {
            *to = x.to_le_bytes();
        }
        to.write_all(&block[..numbers.len() * 4])?;
    }
    Ok(())
}
