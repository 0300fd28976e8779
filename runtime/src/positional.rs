//! Arguments without a name: which argument the first, the second, … one is.
//!
//! `Conv2d(32, 3, padding = 1)` becomes `Conv2d::args().first(32).second(3).padding(1)`. [`positional!`](macro@crate::positional) writes
//! `first` to `eighth`, each as another name of the argument that stands there in PyTorch's order.

use crate::text::{Message, same};

/// What fits where a layer takes no argument: nothing.
#[diagnostic::on_unimplemented(
    message = "this layer takes fewer arguments without a name",
    label = "one argument too many",
    note = "the size of what comes in is found by the compiler, and is not an argument",
    note = "several sizes are one argument: `[3, 2]`, or a pair `(3, 2)`",
    note = "some arguments are given by name only, as in `ceil_mode = true`: the layer's documentation lists them"
)]
pub trait NoArgument: Copy {}

/// What fits in front of an arrow where a layer states no size: nothing.
#[diagnostic::on_unimplemented(
    message = "this layer has no size to state",
    label = "states a size that this layer is not asked for",
    note = "leave the arrow and the size before it out: what comes in is found by the compiler"
)]
pub trait NotStated: Copy {
    /// What the rest of the arguments is asked of: nothing, so that nothing more is said about them.
    type Args;
}

/// Stops the build when the argument `name` is also one of the first `count` without a name.
#[track_caller]
pub const fn given_once(positional: &[&str], count: usize, name: &str) {
    let mut i = 0;
    while i < count && i < positional.len() {
        if same(positional[i], name) {
            let says = Message::new().str("`").str(name).str("` is given twice: argument ");
            let says = says.num(i + 1).str(", without a name, is it too");
            panic!("{}", says.as_str())
        }
        i += 1;
    }
}

/// Says what the arguments without a name stand for: each is a `const fn` of `Args`, with what that takes.
///
/// ```
/// #[derive(Clone, Copy)]
/// struct Args {
///     size: usize,
///     slope: f32,
/// }
///
/// impl Args {
///     const fn size(self, size: usize) -> Self {
///         Args { size, ..self }
///     }
///     const fn slope(self, slope: f32) -> Self {
///         Args { slope, ..self }
///     }
/// }
/// firmnet_runtime::positional!(Args, first = size: usize, second = slope: f32);
///
/// let args = Args { size: 0, slope: 0.5 }.first(3).second(0.25);
/// assert_eq!((args.size, args.slope), (3, 0.25));
/// ```
///
/// Generics of the `const fn` stand in brackets behind its name: `shape[const RANK: usize]: [usize; RANK]`. A layer whose input
/// size may be stated in front of an arrow, as in `Linear(784 -> 10)`, says first which argument that is: `before_arrow = in_features: usize`.
#[macro_export]
macro_rules! positional {
    (@ $args:ident $(, $nth:ident = $name:ident $([$($generics:tt)*])?: $type:ty)* $(,)?) => {
        impl $args {
            /// The arguments that may stand without a name, in order.
            #[doc(hidden)]
            pub const POSITIONAL: &'static [&'static str] = &[$(stringify!($name)),*];
            $crate::positional!(
                @ [first second third fourth fifth sixth seventh eighth]
                $($nth $name [$($($generics)*)?] $type,)*
            );
        }
    };
    (@ [$_:ident $($others:ident)*] $nth:ident $name:ident [$($generics:tt)*] $type:ty, $($more:tt)*) => {
        #[doc = concat!("[`", stringify!($name), "`](Self::", stringify!($name), "), without its name.")]
        pub const fn $nth<$($generics)*>(self, $name: $type) -> Self {
            self.$name($name)
        }
        $crate::positional!(@ [$($others)*] $($more)*);
    };
    (@ [$nth:ident $($others:ident)*]) => {
        #[doc(hidden)]
        pub const fn $nth<T: $crate::positional::NoArgument>(self, _: T) -> Self {
            self
        }
        $crate::positional!(@ [$($others)*]);
    };
    (@ []) => {};
    ($args:ident, before_arrow = $name:ident: $type:ty $(, $($more:tt)*)?) => {
        impl $args {
            #[doc = concat!("[`", stringify!($name), "`](Self::", stringify!($name), "), in front of an arrow.")]
            pub const fn before_arrow(self, $name: $type) -> Self {
                self.$name($name)
            }
        }
        $crate::positional!(@ $args $(, $($more)*)?);
    };
    ($args:ident $(, $($more:tt)*)?) => {
        impl $args {
            #[doc(hidden)]
            pub const fn before_arrow<T: $crate::positional::NotStated>(self, _: T) -> T::Args {
                panic!("nothing fits in front of the arrow")
            }
        }
        $crate::positional!(@ $args $(, $($more)*)?);
    };
}
