//! The windows of pooling along one or two axes: their arguments and their shape rule.

use crate::infer::{Inferred, Inputs};
use crate::kernel::Pool2d;
use crate::shape::{Shape, window};

/// Windows moved over a line or an image: `kernel_size`, `stride`, `padding`, `dilation`, `ceil_mode`, as PyTorch has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows<const D: usize> {
    pub kernel: [usize; D],
    /// How far the window moves; as far as it is large, unless said otherwise.
    pub stride: Option<[usize; D]>,
    pub padding: [usize; D],
    pub dilation: [usize; D],
    pub ceil_mode: bool,
}

impl<const D: usize> Windows<D> {
    /// Windows whose size is not yet known, one beside the other.
    pub const NEW: Self = Windows {
        kernel: [0; D],
        stride: None,
        padding: [0; D],
        dilation: [1; D],
        ceil_mode: false,
    };

    const fn stride(&self) -> [usize; D] {
        match self.stride {
            Some(stride) => stride,
            None => self.kernel,
        }
    }

    /// Whether they are two long along each axis, one beside the other, and all within what comes in.
    pub const fn are_squares_of_two(&self) -> bool {
        let (mut are, mut axis) = (!self.ceil_mode, 0);
        while axis < D {
            are &= self.kernel[axis] == 2 && self.stride()[axis] == 2;
            are &= self.padding[axis] == 0 && self.dilation[axis] == 1;
            axis += 1;
        }
        are
    }

    /// `[C, H, W]` → `[C, OH, OW]`, or `[C, L]` → `[C, OL]`.
    pub const fn infer<A: Copy>(&self, args: A, x: Inputs) -> Inferred<A> {
        let (input, says) = (x.shape(0), x.says());
        let mut output = Shape::of([input.dim(0), input.dim(1), input.dim(2)].split_at(D + 1).0);
        let (mut fits, mut sees, mut half) = (true, true, true);
        let mut covers = says.str("has a window that covers ");
        let mut axis = 0;
        while axis < D {
            let size = input.dim(axis + 1);
            match self.extent(axis, size) {
                Some(positions) => {
                    output = self.any_length(axis, input, output.with(axis + 1, positions));
                    sees &= self.sees(axis, size, positions);
                }
                None => fits = false,
            }
            half &= 2 * self.padding[axis] <= self.kernel[axis];
            covers = if axis > 0 { covers.str(" × ") } else { covers };
            covers = covers.num(self.covers(axis));
            axis += 1;
        }
        let covers = x.but_gives(covers, 0);
        let blind = x.but_gives(says.str("has windows that see nothing but padding"), 0);
        let padded = says.str("has a padding of ").shape(&Shape::of(&self.padding));
        let padded = padded.str("; it may be at most half of the window, ");
        let inferred = Inferred::new(args, x, output).one_input();
        let inferred = if D == 1 { inferred.line() } else { inferred.image() };
        let fixed = x.shape(0).bound().is_none();
        let blind_or_cut = self.ceil_mode || self.dilation[0] > 1 && self.padding[0] > 0;
        let any = says.str(
            "takes neither ceil_mode nor a padding with dilation where lines are not all as long",
        );
        inferred
            .check(fixed || !blind_or_cut, x.but_gives(any, 0))
            .required("kernel_size", Shape::of(&self.kernel).len())
            .not_zero("stride", Shape::of(&self.stride()).len())
            .not_zero("dilation", Shape::of(&self.dilation).len())
            .argument(half, padded.shape(&Shape::of(&self.kernel)))
            .check(sees || !fits, blind.str("; take less padding or dilation"))
            .check(fits, covers.str("; take a smaller window or dilation, or add padding"))
    }

    /// `output`, as long along `axis` as the window has positions on what each sample brings.
    const fn any_length(&self, axis: usize, input: Shape, output: Shape) -> Shape {
        match input.bound() {
            Some(bound) if bound.axis == axis + 1 => {
                let stride = self.stride()[axis];
                let add = (2 * self.padding[axis] + stride) as isize - self.covers(axis) as isize;
                output.as_long_as(axis + 1, bound.length.window(add, stride))
            }
            _ => output,
        }
    }

    /// Numbers of an axis from the first tap of the window to the last.
    const fn covers(&self, axis: usize) -> usize {
        self.dilation[axis] * self.kernel[axis].saturating_sub(1) + 1
    }

    /// What the kernel needs to know: of a line, that it is an image of one row.
    pub const fn shape(&self, x: Shape, y: Shape) -> Pool2d {
        Pool2d {
            height: if D == 1 { 1 } else { x.dim(1) },
            width: x.dim(D),
            out_height: if D == 1 { 1 } else { y.dim(1) },
            out_width: y.dim(D),
            kernel: pair(self.kernel, 1),
            stride: pair(self.stride(), 1),
            padding: pair(self.padding, 0),
            dilation: pair(self.dilation, 1),
        }
    }

    /// Positions of the window on an axis of `size`. With `ceil_mode` the last may reach beyond the end, but begins before it.
    const fn extent(&self, axis: usize, size: usize) -> Option<usize> {
        let (kernel, stride, padding) =
            (self.kernel[axis], self.stride()[axis], self.padding[axis]);
        let dilation = self.dilation[axis];
        let whole = window(size, kernel, stride, padding, dilation);
        if !self.ceil_mode || kernel == 0 || stride == 0 {
            return whole;
        }
        // As many as there would be with `stride − 1` more numbers at the end, the last of them only if it begins before.
        let count = window(size + stride - 1, kernel, stride, padding, dilation);
        match count {
            Some(count) if count > 1 && (count - 1) * stride >= size + padding => Some(count - 1),
            count => count,
        }
    }

    /// Whether every window along an axis of `size` sees a number: with dilation, its taps may all lie in the padding.
    const fn sees(&self, axis: usize, size: usize, positions: usize) -> bool {
        let (padding, dilation) = (self.padding[axis], self.dilation[axis]);
        let mut position = 0;
        while position < positions {
            let (mut at, mut tap) = (position * self.stride()[axis], 0);
            while tap < self.kernel[axis] && at < padding {
                (at, tap) = (at + dilation, tap + 1);
            }
            if tap == self.kernel[axis] || at >= size + padding {
                return false;
            }
            position += 1;
        }
        true
    }
}

/// Of one axis, what the other has is `one`.
const fn pair<const D: usize>(of: [usize; D], one: usize) -> [usize; 2] {
    [if D == 1 { one } else { of[0] }, of[D - 1]]
}
