//! The numbers of a file, put where a network keeps them, by the compiler.

use super::header::{Dtype, Entry, Header};
use super::json::tri;
use super::near::near;
use crate::layer::Tensor;
use crate::network::Name;
use crate::text::{Message, same};

/// Tensors that a file may have here.
const MOST: usize = 1024;

/// The bytes of `expected`, one tensor after the other, out of the safetensors file with the bytes `file`; `name` is its
/// name in messages.
///
/// A const item that calls it for a network of hundreds of tensors allows `long_running_const_eval`.
///
/// # Panics
/// Where the file is damaged, or not of this network: a tensor is missing, is over, has another shape, or is no `F32`.
/// In const evaluation that is an error of the build. [`Entry::is_counter`] may be over.
#[track_caller]
pub const fn place<const BYTES: usize>(
    name: &str,
    file: &[u8],
    expected: &[Tensor<Name>],
) -> [u8; BYTES] {
    let mut placed = [0; BYTES];
    if let Err(fault) = fill(file, expected, &mut placed) {
        let text = Message::new().str("`").str(name).str("`: ").str(fault.as_str());
        panic!("{}", text.as_str())
    }
    placed
}

const fn fill(file: &[u8], expected: &[Tensor<Name>], to: &mut [u8]) -> Result<(), Message> {
    if cfg!(target_endian = "big") {
        return Err(Message::new().str("weights are placed for little-endian machines only"));
    }
    let places = places(expected, to.len());
    let mut header = tri!(Header::new(file));
    let (mut seen, mut extents, mut count) = ([false; MOST], [(0, 0); MOST], 0);
    let (mut last, mut stranger) = (0, None);
    while let Some(entry) = tri!(header.next()) {
        if count == MOST {
            return Err(Message::new().str("it has more than 1024 tensors"));
        }
        if entry.escaped {
            return Err(
                about(&entry).str(" is written with a backslash; write the letters themselves")
            );
        }
        extents[count] = (entry.begin, entry.bytes.len());
        count += 1;
        match find(expected, entry.name, last) {
            Some(i) if seen[i] => return Err(about(&entry).str(" is there twice")),
            Some(i) => {
                tri!(fits(&entry, &expected[i]));
                let place = to.split_at_mut(places[i]).1.split_at_mut(entry.bytes.len()).0;
                place.copy_from_slice(entry.bytes);
                seen[i] = true;
                last = i;
            }
            None if entry.is_counter() => {}
            None if stranger.is_none() => stranger = Some(entry),
            None => {}
        }
    }
    let mut i = 0;
    while i < expected.len() {
        if !seen[i] {
            return Err(tri!(missing(&expected[i], file, expected)));
        }
        i += 1;
    }
    if let Some(entry) = stranger {
        let text = about(&entry).str(" ").dims(entry.shape());
        return Err(text.str(" is not in the network"));
    }
    if !tiled(extents.split_at(count).0, header.data().len()) {
        return Err(Message::new().str("its tensors overlap or leave holes; it is damaged"));
    }
    Ok(())
}

/// Where each tensor begins among `bytes`.
const fn places(expected: &[Tensor<Name>], bytes: usize) -> [usize; MOST] {
    assert!(expected.len() <= MOST, "a network of more than 1024 tensors cannot be placed");
    let (mut places, mut at, mut i) = ([0; MOST], 0, 0);
    while i < expected.len() {
        places[i] = at;
        at += expected[i].bytes();
        i += 1;
    }
    assert!(at == bytes, "there are as many bytes as the tensors have");
    places
}

/// Which of `expected` is called `name`. Files mostly keep the order of the network but for the tensors of one layer, so
/// the search begins a little before the `last` one.
const fn find(expected: &[Tensor<Name>], name: &str, last: usize) -> Option<usize> {
    let (mut steps, mut i) = (0, last.saturating_sub(4));
    while steps < expected.len() {
        if same(expected[i].name.as_str(), name) {
            return Some(i);
        }
        i = if i + 1 < expected.len() { i + 1 } else { 0 };
        steps += 1;
    }
    None
}

/// That `entry` has the type and the shape that `expected` has.
const fn fits(entry: &Entry<'_>, expected: &Tensor<Name>) -> Result<(), Message> {
    if !same_shape(entry, expected) {
        let text = about(entry).str(" has the shape ").dims(entry.shape());
        return Err(text.str(", and the network needs ").shape(&expected.shape));
    }
    match (entry.dtype, expected.dtype) {
        (found, needed) if found as usize == needed as usize => Ok(()),
        (found, Dtype::F32) => {
            let text = about(entry).str(" is ").str(found.name());
            Err(text.str(", and only F32 can be placed; save it as float32"))
        }
        (found, needed) => {
            let text = about(entry).str(" is ").str(found.name());
            Err(text.str(", and the network needs ").str(needed.name()))
        }
    }
}

const fn same_shape(entry: &Entry<'_>, expected: &Tensor<Name>) -> bool {
    let (found, needed) = (entry.shape(), expected.shape.dims());
    let (mut same, mut i) = (found.len() == needed.len(), 0);
    while same && i < found.len() {
        same = found[i] == needed[i];
        i += 1;
    }
    same
}

/// What is to be said of a tensor that the file lacks: also which one it has instead.
const fn missing(
    wanted: &Tensor<Name>,
    file: &[u8],
    expected: &[Tensor<Name>],
) -> Result<Message, Message> {
    let (mut header, mut nearest) = (tri!(Header::new(file)), None);
    while let Some(entry) = tri!(header.next()) {
        if find(expected, entry.name, 0).is_some() {
            continue;
        }
        // A name that is quite another may stand for the same thing, if the shape is the same.
        let distance = match near(wanted.name.as_str(), entry.name) {
            Some(distance) => distance,
            None if same_shape(&entry, wanted) => usize::MAX,
            None => continue,
        };
        if match nearest {
            Some((_, least)) => distance < least,
            None => true,
        } {
            nearest = Some((entry, distance));
        }
    }
    let text = Message::new().str("`").str(wanted.name.as_str()).str("` ").shape(&wanted.shape);
    let text = text.str(" is missing");
    Ok(match nearest {
        Some((entry, _)) => {
            let text = text.str("; it has `").str(entry.name).str("` ");
            text.dims(entry.shape()).str(" instead")
        }
        None => text,
    })
}

const fn about(entry: &Entry<'_>) -> Message {
    Message::new().str("`").str(entry.name).str("`")
}

/// Whether `extents`, of beginnings and lengths, follow one another from 0 to `end` in some order.
const fn tiled(extents: &[(usize, usize)], end: usize) -> bool {
    let (mut at, mut last) = (0, 0);
    if extents.is_empty() {
        return end == 0;
    }
    while at < end {
        let (mut steps, mut i) = (0, usize::saturating_sub(last, 4));
        while !(extents[i].0 == at && extents[i].1 > 0) {
            steps += 1;
            if steps == extents.len() {
                return false;
            }
            i = if i + 1 < extents.len() { i + 1 } else { 0 };
        }
        (at, last) = (at + extents[i].1, i);
    }
    // As many bytes as the whole, and each met once: none is left over to overlap.
    let (mut sum, mut i) = (0, 0);
    while i < extents.len() {
        sum += extents[i].1;
        i += 1;
    }
    sum == end
}
