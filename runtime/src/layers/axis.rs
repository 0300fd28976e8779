//! An axis, as an argument names it: `dim = 0` is the first behind the batch, `dim = -1` the last.

use crate::infer::Inferred;
use crate::shape::Shape;

/// The axis that is written as this number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis(pub isize);

impl Axis {
    pub const FIRST: Axis = Axis(0);
    pub const LAST: Axis = Axis(-1);
    /// None has been named yet.
    pub const NONE: Axis = Axis(isize::MAX);

    /// Counted from the first axis; the rank, if there is no such axis.
    pub const fn index(self, rank: usize) -> usize {
        let index = if self.0 < 0 { self.0 + rank as isize } else { self.0 };
        if index < 0 || index as usize >= rank { rank } else { index as usize }
    }

    /// Numbers along the axis, and how far they lie apart.
    pub const fn sizes(self, shape: Shape) -> (usize, usize) {
        let axis = self.index(shape.rank());
        (shape.dim(axis), shape.product(axis + 1, shape.rank()))
    }

    /// Faults `inferred` when its first input has no such axis; `name` is what the argument is called.
    pub const fn exists<A: Copy>(self, name: &str, inferred: Inferred<A>) -> Inferred<A> {
        let (x, rank) = (inferred.inputs, inferred.inputs.shape(0).rank());
        if self.0 == Axis::NONE.0 {
            let needs =
                x.says().str("needs the argument ").str(name).str(", an axis of what comes in");
            return inferred.argument(false, needs);
        }
        let says = x.says().str("has no axis ").str(name).str(" = ").signed(self.0);
        let says = x.but_gives(says, 0);
        let says = match rank {
            0 => says,
            1 => says.str("; its one axis is 0"),
            _ => says.str("; its axes are 0 to ").num(rank - 1).str(", the batch not counted"),
        };
        inferred.check(self.index(rank) < rank, says)
    }
}
