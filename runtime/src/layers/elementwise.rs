//! What all activations share: `y = f(x)`, number by number.

use crate::infer::{Inferred, Inputs, Node};
use crate::int8::Scale;
use crate::kernel::int8::Table;
use crate::kernel::{Formula, Vector, each};
use crate::layer::{Backward, Forward, FromBytes, Kind, Layer};

/// A layer without parameters that treats every number alike.
///
/// Its formulas are written once, over any [`Vector`]; from them follow [`Layer`] and [`Kind`].
pub trait Elementwise: FromBytes + Copy + Send + Sync + 'static {
    /// The arguments, as written in the declaration.
    type Args: Copy + Sync;
    /// What the slope is a formula of.
    const SLOPE_OF: SlopeOf;
    /// The least and the most that comes out, where to keep numbers between them is all that is done. In a network in bytes the layer
    /// before does it.
    const BOUNDS: Option<[f32; 2]> = None;
    /// The scale of what comes out, where it is always the same in a network in bytes.
    const SCALE: Option<Scale> = None;

    /// `f(x)`.
    fn value<V: Vector>(args: Self::Args, x: V) -> V;
    /// `f′(x)`, from `x` or from `y = f(x)` as [`SLOPE_OF`](Self::SLOPE_OF) says.
    fn slope<V: Vector>(args: Self::Args, at: V) -> V;
    /// What comes out for each byte, `x as u8`, of the scale `x`, in bytes of the scale `y`.
    fn table(args: Self::Args, x: Scale, y: Scale) -> Table {
        core::array::from_fn(|byte| y.byte(Self::value(args, x.number(byte as u8 as i8))))
    }
}

/// What an activation's slope is a formula of. From the output is better: it needs no memory of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SlopeOf {
    /// The input.
    X,
    /// The output.
    Y,
}

/// The shape rule of every [`Elementwise`] layer: the output has the shape of the input.
pub const fn infer<A: Copy>(args: A, x: Inputs, slope_of: SlopeOf) -> Inferred<A> {
    let inferred = Inferred::new(args, x, x.shape(0)).one_input().in_place().step_by_step().maps();
    let inferred = inferred.int8([1, 0], 0);
    match slope_of {
        SlopeOf::X => inferred.needs_x(),
        SlopeOf::Y => inferred.needs_y(),
    }
}

impl<T: Elementwise> Kind for T {
    type Args = T::Args;
    type Layer<
        const A: usize,
        const B: usize,
        const C: usize,
        const D: usize,
        const E: usize,
        const F: usize,
    > = T;
}

impl<T: Elementwise> Layer for T {
    type Args = T::Args;

    #[inline(always)]
    fn forward(&self, node: &Node<T::Args>, call: Forward<'_>) {
        if call.in_place {
            each([call.y], [], &Value::<T>(node.args));
        } else {
            each([call.y], [call.x[0]], &Value::<T>(node.args));
        }
    }

    #[inline(always)]
    fn map<V: Vector>(node: &Node<T::Args>, x: V) -> V {
        T::value(node.args, x)
    }

    fn backward(&self, node: &Node<T::Args>, call: Backward<'_>, _: &mut Self) {
        let at = if T::SLOPE_OF == SlopeOf::X { call.x[0] } else { call.y };
        let [Some(dx), ..] = call.dx else { return };
        if call.in_place {
            each([dx], [at], &Slope::<T>(node.args));
        } else {
            each([dx], [at, call.dy], &Slope::<T>(node.args));
        }
    }
}

struct Value<T: Elementwise>(T::Args);

impl<T: Elementwise> Formula<1, 1> for Value<T> {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [x]: [V; 1]) -> [V; 1] {
        [T::value(self.0, x)]
    }
}

impl<T: Elementwise> Formula<1, 0> for Value<T> {
    #[inline(always)]
    fn at<V: Vector>(&self, [x]: [V; 1], []: [V; 0]) -> [V; 1] {
        [T::value(self.0, x)]
    }
}

struct Slope<T: Elementwise>(T::Args);

/// `dx ← dx + f′ · dy`.
impl<T: Elementwise> Formula<1, 2> for Slope<T> {
    #[inline(always)]
    fn at<V: Vector>(&self, [dx]: [V; 1], [at, dy]: [V; 2]) -> [V; 1] {
        [T::slope(self.0, at).mul_add(dy, dx)]
    }
}

/// `d ← f′ · d`, where `d` holds `dy` before and `dx` after.
impl<T: Elementwise> Formula<1, 1> for Slope<T> {
    #[inline(always)]
    fn at<V: Vector>(&self, [d]: [V; 1], [at]: [V; 1]) -> [V; 1] {
        [T::slope(self.0, at) * d]
    }
}
