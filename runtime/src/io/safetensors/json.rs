//! The part of JSON that headers are written in: objects, lists, strings and whole numbers.

use crate::text::Message;

/// `?` for a `const fn`.
macro_rules! tri {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(fault) => return Err(fault),
        }
    };
}
pub(super) use tri;

/// A place in a text, on its way through it.
#[derive(Clone, Copy)]
pub(super) struct Json<'a> {
    text: &'a str,
    at: usize,
}

/// A string as written, without its quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw<'a> {
    pub text: &'a str,
    /// Whether characters are written with a backslash, so that `text` is not what is meant.
    pub escaped: bool,
}

impl<'a> Json<'a> {
    pub const fn new(text: &'a str) -> Self {
        Json { text, at: 0 }
    }

    /// The next byte that is no space, or zero, which JSON has no use for, at the end.
    pub const fn peek(&mut self) -> u8 {
        let text = self.text.as_bytes();
        while self.at < text.len() {
            match text[self.at] {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return byte,
            }
        }
        0
    }

    /// Passes `byte` if it is the next one.
    pub const fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte && self.at < self.text.len();
        if found {
            self.at += 1;
        }
        found
    }

    /// Passes `byte`, which has to be the next one.
    pub const fn expect(&mut self, byte: u8, what: &str) -> Result<(), Message> {
        if self.eat(byte) { Ok(()) } else { Err(self.fault(what)) }
    }

    /// Passes `,` before another item, or `end` after the last one. Gives whether another one follows.
    pub const fn another(&mut self, end: u8) -> Result<bool, Message> {
        if self.eat(end) {
            return Ok(false);
        }
        let what = if end == b']' { "`,` or `]`" } else { "`,` or `}`" };
        tri!(self.expect(b',', what));
        Ok(true)
    }

    /// Passes a string and the `:` after it.
    pub const fn key(&mut self) -> Result<Raw<'a>, Message> {
        let key = tri!(self.string());
        tri!(self.expect(b':', "`:`"));
        Ok(key)
    }

    /// Passes a string.
    pub const fn string(&mut self) -> Result<Raw<'a>, Message> {
        tri!(self.expect(b'"', "a string"));
        let (bytes, start, mut escaped) = (self.text.as_bytes(), self.at, false);
        while self.at < bytes.len() {
            match bytes[self.at] {
                b'"' => {
                    let text = self.text.split_at(self.at).0.split_at(start).1;
                    self.at += 1;
                    return Ok(Raw { text, escaped });
                }
                b'\\' => {
                    escaped = true;
                    self.at += 1;
                    if !escape(bytes.split_at(self.at).1) {
                        return Err(self.fault("one of `\"\\/bfnrt` or `u` and four digits"));
                    }
                }
                0..0x20 => return Err(self.fault("a string without control characters")),
                _ => {}
            }
            self.at += 1;
        }
        Err(self.fault("the `\"` that ends a string"))
    }

    /// Passes a whole number that is not negative.
    pub const fn number(&mut self) -> Result<usize, Message> {
        const WHAT: &str = "a whole number";
        let first = self.peek();
        if !first.is_ascii_digit() {
            return Err(self.fault(WHAT));
        }
        let (bytes, start, mut number) = (self.text.as_bytes(), self.at, 0usize);
        while self.at < bytes.len() && bytes[self.at].is_ascii_digit() {
            let digit = (bytes[self.at] - b'0') as usize;
            if number > (usize::MAX - digit) / 10 {
                return Err(self.fault("a number that this machine can count to"));
            }
            number = number * 10 + digit;
            self.at += 1;
        }
        let more = self.at < bytes.len() && matches!(bytes[self.at], b'.' | b'e' | b'E');
        if more || (first == b'0' && self.at - start > 1) {
            return Err(self.fault(WHAT));
        }
        Ok(number)
    }

    /// Passes the spaces at the end.
    pub const fn end(&mut self) -> Result<(), Message> {
        self.peek();
        if self.at < self.text.len() { Err(self.fault("the end")) } else { Ok(()) }
    }

    /// That something else was `expected` here.
    pub const fn fault(&self, expected: &str) -> Message {
        let text = Message::new().str("byte ").num(self.at).str(" of its header has to be ");
        text.str(expected)
    }
}

/// Whether `rest` begins with what may follow a backslash.
const fn escape(rest: &[u8]) -> bool {
    match rest {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => true,
        [b'u', a, b, c, d, ..] => {
            a.is_ascii_hexdigit()
                && b.is_ascii_hexdigit()
                && c.is_ascii_hexdigit()
                && d.is_ascii_hexdigit()
        }
        _ => false,
    }
}

#[cfg(feature = "std")]
impl Raw<'_> {
    /// What the string means, and `None` where half a character is written (a lone surrogate).
    pub fn decode(self) -> Option<std::string::String> {
        let (mut text, mut rest) = (std::string::String::new(), self.text);
        while let Some(at) = rest.find('\\') {
            text.push_str(&rest[..at]);
            let kind = *rest.as_bytes().get(at + 1)?;
            rest = rest.get(at + 2..)?;
            text.push(match kind {
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => unicode(&mut rest)?,
                other => char::from(other),
            });
        }
        text.push_str(rest);
        Some(text)
    }
}

/// The character whose four digits begin `rest`, or twice four in halves.
#[cfg(feature = "std")]
fn unicode(rest: &mut &str) -> Option<char> {
    let mut unit = |prefix: &str| {
        let digits = rest.strip_prefix(prefix)?.get(..4)?;
        let unit = u16::from_str_radix(digits, 16).ok()?;
        *rest = &rest[prefix.len() + 4..];
        Some(unit)
    };
    let first = unit("")?;
    let second = if (0xd800..0xdc00).contains(&first) { Some(unit("\\u")?) } else { None };
    let mut units = char::decode_utf16([Some(first), second].into_iter().flatten());
    units.next()?.ok()
}
