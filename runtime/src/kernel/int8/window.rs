//! What a window of a convolution sees, in the order of the weights.

use super::pack::{at_least_one, taps};
use super::tile::{Lines, Wide, widen};
use crate::kernel::Conv2d;

/// Bytes of scratch beside the windows.
pub(super) const fn room(shape: &Conv2d) -> usize {
    if is_in_fours(shape) { 0 } else { staged(shape) + band(shape) }
}

/// Writes what the output at a row and a column sees to `windows[..][place]`. It is called for all of a row in turn.
pub(super) type Gather<'x> = fn(&mut View<'x>, [usize; 2], windows: &mut [[Wide; 2]], place: usize);

/// How it is done.
#[inline(always)]
pub(super) fn gather<'x>(shape: &Conv2d) -> Gather<'x> {
    match is_in_fours(shape) {
        true => View::in_fours,
        false if !is_in_lines(shape) => View::in_taps,
        false if (shape.kernel[1] * shape.in_channels).is_multiple_of(4) => View::in_whole_lines,
        false => View::in_lines,
    }
}

/// Whether of a line of the image whole fours are seen, also where padding cuts it.
const fn is_in_fours(shape: &Conv2d) -> bool {
    is_in_lines(shape) && shape.in_channels.is_multiple_of(4)
}

/// Whether what is seen of a line of the image lies together.
const fn is_in_lines(shape: &Conv2d) -> bool {
    shape.dilation[1] == 1 && shape.groups == 1
}

/// Bytes of a window, and what is copied too much.
const fn staged(shape: &Conv2d) -> usize {
    4 * taps(shape).div_ceil(4) + 4
}

/// Bytes of all lines that a row of windows sees, and what is copied too much.
const fn band(shape: &Conv2d) -> usize {
    if is_in_lines(shape) { shape.kernel[0] * pitch(shape) + 4 } else { 0 }
}

/// Bytes of one of these lines.
const fn pitch(shape: &Conv2d) -> usize {
    (shape.out_width.saturating_sub(1) * shape.stride[1] + shape.kernel[1]) * shape.in_channels
}

/// What the window at column `col` of a row of windows sees of the lines in `band`.
#[inline(always)]
fn seen<'b>(shape: &Conv2d, band: &'b [i8], col: usize) -> Lines<'b> {
    let Conv2d { in_channels, kernel, stride, .. } = *shape;
    let x = band.get(col * stride[1] * in_channels..).unwrap_or_default();
    Lines { x, pitch: pitch(shape), count: kernel[0], len: kernel[1] * in_channels }
}

/// The channels `from .. from + C / groups` of an image, and what they are padded with.
pub(super) struct View<'a> {
    shape: &'a Conv2d,
    x: &'a [i8],
    zero: i8,
    pub(super) from: usize,
    staged: &'a mut [i8],
    band: &'a mut [i8],
}

impl<'a> View<'a> {
    /// Of the first group. In `scratch` there is [`room`].
    pub(super) fn of(shape: &'a Conv2d, x: &'a [i8], zero: i8, scratch: &'a mut [i8]) -> Self {
        let (staged, band) = scratch.split_at_mut_checked(staged(shape)).unwrap_or_default();
        View { shape, x, zero, from: 0, staged, band }
    }

    /// Where the window of the output at `row` and `col` begins: before the first row, or column, this is beyond the last.
    #[inline(always)]
    fn begin(&self, [row, col]: [usize; 2]) -> [usize; 2] {
        let Conv2d { stride, padding, .. } = *self.shape;
        let top = (row * stride[0]).wrapping_sub(padding[0]);
        [top, (col * stride[1]).wrapping_sub(padding[1])]
    }

    /// [`Gather`], where whole fours are seen.
    #[inline(never)]
    fn in_fours(&mut self, at: [usize; 2], windows: &mut [[Wide; 2]], place: usize) {
        let Conv2d { in_channels, height, width, kernel, dilation, .. } = *self.shape;
        let [top, left] = self.begin(at);
        let (count, len) = (kernel[0], kernel[1] * in_channels);
        let reach = dilation[0] * count.saturating_sub(1);
        if top < height && height - top > reach && left < width && width - left >= kernel[1] {
            let x = self.x.get((top * width + left) * in_channels..).unwrap_or_default();
            let pitch = dilation[0] * width * in_channels;
            return Lines { x, pitch, count, len }.widen(windows, place);
        }
        self.cut([top, left], windows, place);
    }

    /// [`Gather`], where what is seen of a line lies together, in whole fours: of all lines that the windows of a row see, there is a copy with padding.
    #[inline(never)]
    fn in_whole_lines(&mut self, at: [usize; 2], windows: &mut [[Wide; 2]], place: usize) {
        self.begin_row(at);
        seen(self.shape, self.band, at[1]).widen(windows, place);
    }

    /// As [`in_whole_lines`](View::in_whole_lines), where there are no whole fours.
    #[inline(never)]
    fn in_lines(&mut self, at: [usize; 2], windows: &mut [[Wide; 2]], place: usize) {
        self.begin_row(at);
        seen(self.shape, self.band, at[1]).copy(self.staged);
        widen(self.staged.get(..taps(self.shape)).unwrap_or_default(), windows, place);
    }

    /// Fills the band for all windows of a row before the first of them is gathered.
    #[inline(always)]
    fn begin_row(&mut self, at: [usize; 2]) {
        if at[1] == 0 {
            self.fill(self.begin(at)[0]);
        }
    }

    /// [`Gather`], tap by tap.
    #[inline(never)]
    fn in_taps(&mut self, at: [usize; 2], windows: &mut [[Wide; 2]], place: usize) {
        self.taps(self.begin(at));
        widen(self.staged.get(..taps(self.shape)).unwrap_or_default(), windows, place);
    }

    /// Puts the lines that the windows from line `top` on see into the band, with their padding.
    fn fill(&mut self, top: usize) {
        let Conv2d { in_channels, height, width, padding, dilation, .. } = *self.shape;
        let mut y = top;
        for line in self.band.chunks_exact_mut(pitch(self.shape).max(1)) {
            let x = self.x.chunks_exact((width * in_channels).max(1));
            let x = x.skip(y).take(usize::from(y < height)).next().unwrap_or_default();
            let before = line.len().min(padding[1] * in_channels);
            let (before, rest) = line.split_at_mut_checked(before).unwrap_or_default();
            let (inside, behind) =
                rest.split_at_mut_checked(x.len().min(rest.len())).unwrap_or_default();
            before.fill(self.zero);
            inside.iter_mut().zip(x).for_each(|(to, x)| *to = *x);
            behind.fill(self.zero);
            y = y.wrapping_add(dilation[0]);
        }
    }

    /// Widens what the window at `top` and `left` sees where padding cuts it: of each line, columns before the image, in it, and behind it.
    fn cut(&self, [top, left]: [usize; 2], windows: &mut [[Wide; 2]], place: usize) {
        let Conv2d { in_channels, height, width, kernel: [_, kw], dilation, .. } = *self.shape;
        let before = if left < width { 0 } else { left.wrapping_neg().min(kw) };
        let start = left.wrapping_add(before);
        let inside = (kw - before).min(width.saturating_sub(start));
        let zeros = |to: &mut [[Wide; 2]]| {
            let places = to.iter_mut().filter_map(|to| to.get_mut(place));
            places.for_each(|to| *to = Wide::of([self.zero; 4]));
        };
        let mut y = top;
        for to in windows.chunks_exact_mut((kw * in_channels / 4).max(1)) {
            let x =
                self.x.get(y.wrapping_mul(width).wrapping_add(start).wrapping_mul(in_channels)..);
            let x = x.filter(|_| y < height).and_then(|x| x.get(..inside * in_channels));
            let x = x.unwrap_or_default();
            let at = before * in_channels / 4;
            let (before, rest) = to.split_at_mut_checked(at).unwrap_or_default();
            let (inside, behind) = rest.split_at_mut_checked(x.len() / 4).unwrap_or_default();
            zeros(before);
            widen(x, inside, place);
            zeros(behind);
            y = y.wrapping_add(dilation[0]);
        }
    }

    /// Stages what the window at `top` and `left` sees, tap by tap.
    fn taps(&mut self, [mut y, left]: [usize; 2]) {
        let Conv2d { in_channels, height, width, kernel: [kh, kw], dilation, groups, .. } =
            *self.shape;
        let channels = in_channels / at_least_one(groups);
        let mut places = self.staged.chunks_exact_mut(channels.max(1));
        for _ in 0..kh {
            let mut at = left;
            for _ in 0..kw {
                let x = y.wrapping_mul(width).wrapping_add(at).wrapping_mul(in_channels);
                let x = self.x.get(x.wrapping_add(self.from)..).unwrap_or_default();
                let Some(to) = places.next() else { return };
                match y < height && at < width {
                    true => to.iter_mut().zip(x).for_each(|(to, x)| *to = *x),
                    false => to.fill(self.zero),
                }
                at = at.wrapping_add(dilation[1]);
            }
            y = y.wrapping_add(dilation[0]);
        }
    }
}
