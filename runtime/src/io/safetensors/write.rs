//! Writing tensors to a file.

use super::{Error, Metadata};
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
    let path = path.as_ref();
    let tensors: Vec<_> = tensors.into_iter().collect();
    let header = header(&tensors, metadata);
    let written = atomic::write(path, |to| {
        to.write_all(&(header.len() as u64).to_le_bytes())?;
        to.write_all(header.as_bytes())?;
        tensors.iter().try_for_each(|(_, _, numbers)| floats(to, numbers))
    });
    written.map_err(|source| Error::Unwritten { file: path.into(), source })
}

/// The header, with spaces at its end so that the numbers begin at a multiple of eight.
fn header(tensors: &[(&str, &[usize], &[f32])], metadata: &Metadata) -> String {
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
    for (name, shape, numbers) in tensors {
        let len = shape.iter().product::<usize>();
        assert_eq!(numbers.len(), len, "`{name}` has as many numbers as its shape {shape:?}");
        assert_ne!(*name, "__metadata__", "the format keeps this name for itself");
        header.push_str(if header.len() == 1 { "" } else { "," });
        string(&mut header, name);
        let end = begin + 4 * numbers.len();
        let _ = write!(
            header,
            ":{{\"dtype\":\"F32\",\"shape\":{shape:?},\"data_offsets\":[{begin},{end}]}}"
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
