//! Keywords of `network!`: types that are layers, and what is said of a type that is none.

use core::marker::PhantomData;

use crate::layer::Kind;
use crate::text::Message;

/// The type that is written as a keyword. `Keyword::<T>::IS_LAYER` says whether it is a layer: of one that is, because it has a const of that
/// name; of all others, because what a type does not have of its own is looked for in the traits at hand, here in [`NoLayer`].
pub struct Keyword<T: ?Sized>(PhantomData<T>);

impl<T: Kind> Keyword<T> {
    /// It is.
    pub const IS_LAYER: bool = true;
}

/// What is said of a [`Keyword`] that is not known to be a layer.
pub trait NoLayer {
    /// It is not.
    const IS_LAYER: bool = false;
}

impl<T: ?Sized> NoLayer for Keyword<T> {}

/// The type itself, if it is a layer. Where [`verify`] stops the build, the compiler has no `LAYER`, and so no type about which it could
/// say more.
pub trait Checked<const LAYER: bool> {
    /// The type.
    type Kind;
}

impl<T> Checked<true> for T {
    type Kind = T;
}

/// Stops the build where the keyword `name` is no layer.
///
/// # Panics
/// With a message that says so.
#[track_caller]
pub const fn verify(is_layer: bool, name: &str) -> bool {
    if !is_layer {
        let says = Message::new().str("`").str(name).str("` is not a layer");
        let (mut i, mut sized) = (0, false);
        while i < name.len() {
            sized |= name.as_bytes()[i] == b'<';
            i += 1;
        }
        let says = match sized {
            true => says.str("; arguments stand in parentheses, as in `Linear(128)`"),
            false => says.str(": it does not implement `firmnet::layer::Kind`"),
        };
        panic!("{}", says.as_str())
    }
    is_layer
}

/// `impl Kind` for a layer without parameters, whose type has no const arguments: `keyword!(Flatten);`
#[macro_export]
macro_rules! keyword {
    ($layer:ty) => {
        impl $crate::layer::Kind for $layer {
            type Args = <$layer as $crate::layer::Layer>::Args;
            type Layer<
                const A: usize,
                const B: usize,
                const C: usize,
                const D: usize,
                const E: usize,
                const F: usize,
            > = $layer;
        }
    };
}

/// The type `$word`, which is written as the keyword `$name`, once it is known to be a layer.
#[doc(hidden)]
#[macro_export]
macro_rules! kind {
    ($word:ty, $name:literal) => {
        <$word as $crate::keyword::Checked<
            {
                use $crate::keyword::NoLayer as _;
                $crate::keyword::verify($crate::keyword::Keyword::<$word>::IS_LAYER, $name)
            },
        >>::Kind
    };
}
