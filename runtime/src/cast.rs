//! Arguments of several types, told apart by the compiler.

use crate::bits::{Written, read_argument as read, read_dims, sealed};
use crate::shape::Shape;

/// One number for both axes, or a pair: `3` or `(3, 5)`, first down, then right.
#[diagnostic::on_unimplemented(
    message = "this argument is a whole number or a pair of them, like `3` or `(3, 5)`, not `{Self}`",
    label = "neither a whole number nor a pair of them"
)]
pub trait Sizes: Copy + sealed::Argument {}

impl Sizes for usize {}
impl Sizes for (usize, usize) {}

/// What is put around an image: [`Sizes`], or `"same"` or `"valid"`.
#[diagnostic::on_unimplemented(
    message = "a padding is a whole number, a pair of them, \"same\" or \"valid\", not `{Self}`",
    label = "not a padding"
)]
pub trait Pads: Copy + sealed::Argument {}

impl Pads for usize {}
impl Pads for (usize, usize) {}
impl Pads for &'static str {}

/// What is put at both ends of a line: a number, or `"same"` or `"valid"`.
#[diagnostic::on_unimplemented(
    message = "a padding is a whole number, \"same\" or \"valid\", not `{Self}`",
    label = "not a padding"
)]
pub trait Ends: Copy + sealed::Argument {}

impl Ends for usize {}
impl Ends for &'static str {}

/// One axis, or the sizes of several: `64` or `[8, 64]`.
#[diagnostic::on_unimplemented(
    message = "this argument is a whole number or the sizes of at most four axes, like `64` or `[8, 64]`, not `{Self}`",
    label = "neither a whole number nor sizes"
)]
pub trait Dims: Copy + sealed::Axes {}

impl Dims for usize {}
impl Dims for [usize; 1] {}
impl Dims for [usize; 2] {}
impl Dims for [usize; 3] {}
impl Dims for [usize; 4] {}

/// The shape with the sizes `dims`.
pub const fn dims<D: Dims>(dims: D) -> Shape {
    read_dims(dims)
}

/// One number for every side of an image, or four: `2` or `(1, 1, 2, 0)`, to the left, to the right, above and below.
#[diagnostic::on_unimplemented(
    message = "this argument is a whole number or four of them, like `2` or `(1, 1, 2, 0)`, not `{Self}`",
    label = "neither a whole number nor four of them"
)]
pub trait Sides: Copy + sealed::Argument {}

impl Sides for usize {}
impl Sides for (usize, usize, usize, usize) {}

/// One number for both ends of a line, or two: `2` or `(0, 3)`, in front and behind.
#[diagnostic::on_unimplemented(
    message = "this argument is a whole number or a pair of them, like `2` or `(0, 3)`, not `{Self}`",
    label = "neither a whole number nor a pair of them"
)]
pub trait BothEnds: Copy + sealed::Argument {}

impl BothEnds for usize {}
impl BothEnds for (usize, usize) {}

/// One factor for both axes, or a pair: `2`, `1.5` or `(2.0, 0.5)`, first down, then right.
#[diagnostic::on_unimplemented(
    message = "this argument is a number or a pair of them, like `2`, `1.5` or `(2.0, 0.5)`, not `{Self}`",
    label = "neither a number nor a pair of them"
)]
pub trait Factors: Copy + sealed::Argument {}

impl Factors for usize {}
impl Factors for (usize, usize) {}
impl Factors for f64 {}
impl Factors for (f64, f64) {}

/// A padding, as written.
#[derive(Clone, Copy, Debug)]
pub enum Padding {
    /// Zeros on every side of the two axes.
    Sizes([usize; 2]),
    /// A name, like `"same"`.
    Named(&'static str),
}

/// Both axes of `sizes`.
pub const fn sizes<S: Sizes>(sizes: S) -> [usize; 2] {
    match read(sizes) {
        Written::One(size) => [size, size],
        Written::Two(sizes) => sizes,
        _ => [0, 0],
    }
}

/// What `pads` says.
pub const fn padding<P: Pads>(pads: P) -> Padding {
    padding_of(pads)
}

/// What `ends` says.
pub const fn ends<E: Ends>(ends: E) -> Padding {
    padding_of(ends)
}

/// All four of `sides`.
pub const fn sides<S: Sides>(sides: S) -> [usize; 4] {
    match read(sides) {
        Written::One(side) => [side; 4],
        Written::Four(sides) => sides,
        _ => [0; 4],
    }
}

/// Both of `ends`.
pub const fn both_ends<E: BothEnds>(ends: E) -> [usize; 2] {
    match read(ends) {
        Written::One(end) => [end; 2],
        Written::Two(ends) => ends,
        _ => [0; 2],
    }
}

/// Both axes of `factors`.
pub const fn factors<F: Factors>(factors: F) -> [f64; 2] {
    match read(factors) {
        Written::One(factor) => [factor as f64; 2],
        Written::Two([down, right]) => [down as f64, right as f64],
        Written::Real(factor) => [factor; 2],
        Written::Reals(factors) => factors,
        _ => [0.0; 2],
    }
}

const fn padding_of<A: sealed::Argument>(argument: A) -> Padding {
    match read(argument) {
        Written::One(size) => Padding::Sizes([size, size]),
        Written::Two(sizes) => Padding::Sizes(sizes),
        Written::Name(name) => Padding::Named(name),
        _ => Padding::Sizes([0, 0]),
    }
}
