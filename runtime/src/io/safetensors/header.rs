//! What a safetensors file says it holds, read strictly and without a heap.

use super::json::{Json, Raw, tri};
use crate::text::{Message, same};

/// Axes that a tensor in a file may have.
pub const MAX_AXES: usize = 8;

/// The header of a file, to be walked through with [`next`](Self::next) from one tensor to the next.
#[derive(Clone, Copy)]
pub struct Header<'a> {
    json: Json<'a>,
    data: &'a [u8],
    begun: bool,
    metadata: Option<Json<'a>>,
}

/// One tensor of a file.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its name; see [`escaped`](Self::escaped).
    pub name: &'a str,
    /// Whether the name has characters written with a backslash, so that it is not yet what is meant.
    pub escaped: bool,
    /// What its numbers are.
    pub dtype: Dtype,
    /// Where its bytes begin in the data.
    pub begin: usize,
    /// Its bytes, little-endian and row-major: as many as its shape and type make.
    pub bytes: &'a [u8],
    dims: [usize; MAX_AXES],
    rank: usize,
}

impl Entry<'_> {
    /// Whether it is the count of batches that PyTorch keeps in each `BatchNorm` (`bn1.num_batches_tracked`, one `I64`). No network
    /// here needs it, so readers pass over it.
    pub const fn is_counter(&self) -> bool {
        let ending = "num_batches_tracked";
        let Some(start) = self.name.len().checked_sub(ending.len()) else { return false };
        // A name may have any characters, and only whole ones can be split off.
        self.name.is_char_boundary(start)
            && same(self.name.split_at(start).1, ending)
            && matches!(self.dtype, Dtype::I64)
            && self.rank == 0
    }

    /// The sizes of its axes, outermost first.
    pub const fn shape(&self) -> &[usize] {
        self.dims.split_at(self.rank).0
    }
}

impl<'a> Header<'a> {
    /// The header of the file with the bytes `file`.
    ///
    /// # Errors
    /// Where the file is too short for its header, or the header no text. Each message goes on after the name of the file.
    pub const fn new(file: &'a [u8]) -> Result<Self, Message> {
        let Some((length, rest)) = file.split_first_chunk() else {
            let text = Message::new().str("it has only ").num(file.len());
            return Err(text.str(" bytes, and the length of the header takes 8"));
        };
        if let [b'P', b'K', 3, 4, ..] = file {
            let text = Message::new().str("it is a file of `torch.save`; write it with ");
            return Err(text.str("`safetensors.torch.save_file(model.state_dict(), …)`"));
        }
        let length = u64::from_le_bytes(*length);
        if length > rest.len() as u64 {
            let text = Message::new().str("its header should have ").num(saturate(length));
            let text = text.str(" bytes, and only ").num(rest.len()).str(" follow");
            return Err(text.str("; it is cut short or no safetensors file"));
        }
        let (header, data) = rest.split_at(length as usize);
        match core::str::from_utf8(header) {
            Ok(text) => Ok(Header { json: Json::new(text), data, begun: false, metadata: None }),
            Err(e) => Err(Message::new()
                .str("its header is not UTF-8 at byte ")
                .num(e.valid_up_to())
                .str("; it is no safetensors file")),
        }
    }

    /// All that comes after the header.
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// The next tensor, in the order of the header.
    ///
    /// # Errors
    /// Where the header is no JSON of this form, or a tensor has another number of bytes than its type and shape make,
    /// or reaches beyond the data. Whether tensors overlap, leave holes or share a name is for the caller to see.
    #[allow(clippy::should_implement_trait)]
    pub const fn next(&mut self) -> Result<Option<Entry<'a>>, Message> {
        loop {
            let more = if self.begun {
                tri!(self.json.another(b'}'))
            } else {
                self.begun = true;
                tri!(self.json.expect(b'{', "`{`"));
                !self.json.eat(b'}')
            };
            if !more {
                tri!(self.json.end());
                return Ok(None);
            }
            let name = tri!(self.json.key());
            if !same(name.text, "__metadata__") {
                return Ok(Some(tri!(self.entry(name))));
            }
            if self.metadata.is_some() {
                return Err(Message::new().str("its header has `__metadata__` twice"));
            }
            self.metadata = Some(self.json);
            tri!(skip_strings(&mut self.json));
        }
    }

    /// The rest of a tensor, after its name.
    const fn entry(&mut self, name: Raw<'a>) -> Result<Entry<'a>, Message> {
        let (mut dtype, mut dims, mut ends) = (None, None, None);
        tri!(self.json.expect(b'{', "`{`"));
        loop {
            let key = tri!(self.json.key()).text;
            if same(key, "dtype") && dtype.is_none() {
                let found = tri!(self.json.string()).text;
                dtype = Dtype::named(found);
                if dtype.is_none() {
                    return Err(at(name).str(" has the unknown dtype `").str(found).str("`"));
                }
            } else if same(key, "shape") && dims.is_none() {
                dims = Some(tri!(numbers::<MAX_AXES>(&mut self.json)));
            } else if same(key, "data_offsets") && ends.is_none() {
                let (found, count) = tri!(numbers::<2>(&mut self.json));
                if count != 2 {
                    return Err(at(name).str(" has not two `data_offsets`"));
                }
                ends = Some(found);
            } else {
                return Err(at(name).str(" has an unknown or a second `").str(key).str("`"));
            }
            if !tri!(self.json.another(b'}')) {
                break;
            }
        }
        let (Some(dtype), Some((dims, rank)), Some([begin, end])) = (dtype, dims, ends) else {
            return Err(at(name).str(" lacks one of `dtype`, `shape` and `data_offsets`"));
        };
        if begin > end || end > self.data.len() {
            let text = at(name).str(" is at the bytes ").num(begin).str(" to ").num(end);
            let text = text.str(" of ").num(self.data.len());
            return Err(text.str("; the file is damaged or cut short"));
        }
        let bytes = self.data.split_at(end).0.split_at(begin).1;
        let entry =
            Entry { name: name.text, escaped: name.escaped, dtype, begin, bytes, dims, rank };
        match dtype.bytes(entry.shape()) {
            Some(needed) if needed == bytes.len() as u64 => Ok(entry),
            needed => {
                let text = at(name).str(" is ").str(dtype.name()).str(" ").dims(entry.shape());
                let text = match needed {
                    Some(needed) => text.str(", which takes ").num(saturate(needed)).str(" bytes"),
                    None => text.str(", which is beyond all bounds"),
                };
                Err(text.str(", and has ").num(bytes.len()))
            }
        }
    }

    /// The pairs of `__metadata__`, once the header has been walked through.
    ///
    /// # Errors
    /// Where a backslash stands before what may not follow it, or a key is there twice.
    #[cfg(feature = "std")]
    pub(super) fn metadata(&self) -> Result<super::Metadata, Message> {
        let (mut pairs, Some(mut json)) = (super::Metadata::new(), self.metadata) else {
            return Ok(super::Metadata::new());
        };
        json.expect(b'{', "`{`")?;
        let mut more = !json.eat(b'}');
        while more {
            let (key, value) = (json.key()?.decode(), json.string()?.decode());
            let (Some(key), Some(value)) = (key, value) else {
                return Err(Message::new().str("its `__metadata__` has a wrong escape"));
            };
            let text = Message::new().str("its `__metadata__` has `").str(&key).str("` twice");
            if pairs.insert(key, value).is_some() {
                return Err(text);
            }
            more = json.another(b'}')?;
        }
        Ok(pairs)
    }
}

const fn at(name: Raw<'_>) -> Message {
    Message::new().str("`").str(name.text).str("`")
}

const fn saturate(number: u64) -> usize {
    if number > usize::MAX as u64 { usize::MAX } else { number as usize }
}

/// Passes an object of strings.
const fn skip_strings(json: &mut Json<'_>) -> Result<(), Message> {
    tri!(json.expect(b'{', "`{`"));
    let mut more = !json.eat(b'}');
    while more {
        tri!(json.key());
        tri!(json.string());
        more = tri!(json.another(b'}'));
    }
    Ok(())
}

/// Passes a list of at most `N` numbers.
const fn numbers<const N: usize>(json: &mut Json<'_>) -> Result<([usize; N], usize), Message> {
    let (mut numbers, mut count) = ([0; N], 0);
    tri!(json.expect(b'[', "`[`"));
    let mut more = !json.eat(b']');
    while more {
        if count == N {
            return Err(json.fault("`]`, for the list is too long"));
        }
        numbers[count] = tri!(json.number());
        count += 1;
        more = tri!(json.another(b']'));
    }
    Ok((numbers, count))
}

macro_rules! dtypes {
    ($($name:ident $bits:literal)*) => {
        /// What the numbers of a tensor in a file are, by the names of the format.
        #[allow(non_camel_case_types, missing_docs)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Dtype { $($name),* }

        impl Dtype {
            const ALL: &[Dtype] = &[$(Dtype::$name),*];

            /// Its name in the header.
            pub const fn name(self) -> &'static str {
                match self { $(Dtype::$name => stringify!($name)),* }
            }

            /// Bits of one number.
            pub const fn bits(self) -> usize {
                match self { $(Dtype::$name => $bits),* }
            }
        }
    };
}

dtypes! {
    F32 32 F16 16 BF16 16 F64 64 I64 64 U8 8 I8 8 BOOL 8 I16 16 U16 16 I32 32 U32 32 U64 64 C64 64
    F8_E5M2 8 F8_E4M3 8 F8_E8M0 8 F8_E4M3FNUZ 8 F8_E5M2FNUZ 8 F6_E2M3 6 F6_E3M2 6 F4 4
}

impl Dtype {
    const fn named(name: &str) -> Option<Dtype> {
        let mut i = 0;
        while i < Dtype::ALL.len() {
            if same(Dtype::ALL[i].name(), name) {
                return Some(Dtype::ALL[i]);
            }
            i += 1;
        }
        None
    }

    /// Bytes of a tensor of the sizes `dims`; `None` where they are no whole bytes, or too many to count.
    const fn bytes(self, dims: &[usize]) -> Option<u64> {
        let (mut numbers, mut i) = (1u64, 0);
        while i < dims.len() {
            numbers = match numbers.checked_mul(dims[i] as u64) {
                Some(numbers) => numbers,
                None => return None,
            };
            i += 1;
        }
        let Some(bits) = numbers.checked_mul(self.bits() as u64) else { return None };
        if bits % 8 == 0 { Some(bits / 8) } else { None }
    }
}
