//! Keywords whose layers have an int8 form, and what is said of one that has none.

use core::marker::PhantomData;

use crate::int8::layer::Quantize;
use crate::text::{Message, same};

/// A keyword. `Keyword::<K>::HAS_FORM` says whether its layer has an int8 form, as [`keyword::Keyword`](crate::keyword::Keyword) says whether it is one.
pub struct Keyword<K: ?Sized>(PhantomData<K>);

impl<K: Quantize> Keyword<K> {
    /// It has.
    pub const HAS_FORM: bool = true;
}

/// What is said of a [`Keyword`] that is not known to have a form.
pub trait NoForm {
    /// It has none.
    const HAS_FORM: bool = false;
}

impl<K: ?Sized> NoForm for Keyword<K> {}

/// The keyword itself, if its layer has a form. Where [`verify`] stops the build, the compiler has no `FORM`, and so no type about which
/// it could say more.
pub trait Checked<const FORM: bool> {
    /// The keyword.
    type Kind;
}

impl<K> Checked<true> for K {
    type Kind = K;
}

/// Stops the build where the layer `name`, written as `kind`, has no form in bytes.
///
/// # Panics
/// With a message that says so.
#[track_caller]
pub const fn verify(has_form: bool, name: &str, kind: &str) -> bool {
    if !has_form {
        let says = "has no int8 form; leave `#[quantize(i8)]` out, or put a layer in its place that has one: the chapter on quantisation lists them";
        panic!("{}", says_of(name, kind).str(says).as_str())
    }
    has_form
}

/// Stops the build where the layer `name` is called again.
///
/// # Panics
/// With a message that says so.
#[track_caller]
pub const fn verify_again(name: &str, kind: &str) {
    let says = "is called twice, and in bytes each call has scales of its own; declare two layers";
    panic!("{}", says_of(name, kind).str(says).as_str())
}

const fn says_of(name: &str, kind: &str) -> Message {
    match same(name, kind) {
        true => Message::new().str("`").str(kind).str("` "),
        false => Message::new().str("layer `").str(name).str("`: `").str(kind).str("` "),
    }
}

/// The keyword `$kind`, once it is known that its layer has an int8 form; `$name` and `$word` are what the layer is called, and its keyword.
#[doc(hidden)]
#[macro_export]
macro_rules! int8_kind {
    ($kind:ty, $name:literal, $word:literal) => {
        <$kind as $crate::int8::Checked<
            {
                use $crate::int8::NoForm as _;
                $crate::int8::verify($crate::int8::Keyword::<$kind>::HAS_FORM, $name, $word)
            },
        >>::Kind
    };
}
