//! FlatBuffers, as published (<https://flatbuffers.dev/internals/>), as much as TensorFlow Lite's files need: a table has fields by number, each of
//! which may be missing, and offsets lead from one place to another.

/// The bytes of a file.
#[derive(Clone, Copy)]
pub struct Buffer<'a>(pub &'a [u8]);

/// A table of a file.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    buffer: Buffer<'a>,
    at: usize,
}

impl<'a> Buffer<'a> {
    /// The table that holds everything.
    pub fn root(self) -> Option<Table<'a>> {
        Some(Table { buffer: self, at: self.follow(0)? })
    }

    fn get<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk().copied()
    }

    /// The place to which the offset at `at` leads.
    fn follow(self, at: usize) -> Option<usize> {
        Some(at + u32::from_le_bytes(self.get(at)?) as usize)
    }
}

impl<'a> Table<'a> {
    /// The place of field `i`, unless it is missing.
    fn field(self, i: usize) -> Option<usize> {
        // In front of the table is the way back to the list of its fields.
        let back = i32::from_le_bytes(self.buffer.get(self.at)?);
        let list = self.at.checked_add_signed(-(back as isize))?;
        let size = u16::from_le_bytes(self.buffer.get(list)?);
        let entry = 4 + 2 * i;
        if entry >= usize::from(size) {
            return None;
        }
        match u16::from_le_bytes(self.buffer.get(list + entry)?) {
            0 => None,
            offset => Some(self.at + usize::from(offset)),
        }
    }

    /// Field `i`, a byte.
    pub fn byte(self, i: usize) -> Option<i8> {
        self.buffer.get(self.field(i)?).map(i8::from_le_bytes)
    }

    /// Field `i`, a whole number.
    pub fn int(self, i: usize) -> Option<i32> {
        self.buffer.get(self.field(i)?).map(i32::from_le_bytes)
    }

    /// Field `i`, a table.
    pub fn table(self, i: usize) -> Option<Table<'a>> {
        let at = self.buffer.follow(self.field(i)?)?;
        Some(Table { at, ..self })
    }

    /// Field `i`, a list of `N`-byte things: where each is.
    fn list<const N: usize>(self, i: usize) -> Option<impl Iterator<Item = usize>> {
        let list = self.buffer.follow(self.field(i)?)?;
        let count = u32::from_le_bytes(self.buffer.get(list)?) as usize;
        self.buffer.0.get(list + 4..)?.get(..count.checked_mul(N)?)?;
        Some((0..count).map(move |k| list + 4 + k * N))
    }

    /// Field `i`, a list of tables.
    pub fn tables(self, i: usize) -> Option<Vec<Table<'a>>> {
        let buffer = self.buffer;
        self.list::<4>(i)?.map(|at| Some(Table { at: buffer.follow(at)?, buffer })).collect()
    }

    /// Field `i`, a list of bytes.
    pub fn bytes(self, i: usize) -> Option<&'a [u8]> {
        let mut places = self.list::<1>(i)?;
        let Some(first) = places.next() else { return Some(&[]) };
        self.buffer.0.get(first..first + 1 + places.count())
    }

    /// Field `i`, a list of whole numbers.
    pub fn ints(self, i: usize) -> Option<Vec<i32>> {
        self.list::<4>(i)?.map(|at| self.buffer.get(at).map(i32::from_le_bytes)).collect()
    }

    /// Field `i`, a list of long whole numbers.
    pub fn longs(self, i: usize) -> Option<Vec<i64>> {
        self.list::<8>(i)?.map(|at| self.buffer.get(at).map(i64::from_le_bytes)).collect()
    }

    /// Field `i`, a list of numbers.
    pub fn floats(self, i: usize) -> Option<Vec<f32>> {
        self.list::<4>(i)?.map(|at| self.buffer.get(at).map(f32::from_le_bytes)).collect()
    }
}
