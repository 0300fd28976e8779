//! What windows of a convolution see, in the order of the weights.

use core::arch::asm;
use core::ops::Range;

use super::tile::PLACES;
use crate::kernel::Conv2d;

/// Some channels of an image, of which windows are gathered.
pub(super) struct Gather<'a> {
    pub(super) shape: &'a Conv2d,
    /// All channels.
    pub(super) x: &'a [f32],
    pub(super) channels: Range<usize>,
    /// From a number of a window to the next, where they go.
    pub(super) apart: usize,
}

/// Windows next to one another.
#[derive(Clone, Copy)]
struct Windows {
    /// Where the first begins; it may be before the image.
    top: isize,
    left: isize,
    /// How many, and how many columns apart.
    count: usize,
    stride: usize,
}

impl Gather<'_> {
    /// Writes what the output at `row` and `col` sees to every `apart`th of `numbers`, which have room for the taps of all `channels`. Where `four` are asked
    /// for, and the stride allows it, what the three on its right see comes next to it. Gives how many are done.
    #[inline(never)]
    pub(super) fn at(&self, [row, col]: [usize; 2], four: bool, numbers: &mut [f32]) -> usize {
        let [down, right] = self.shape.stride;
        let top = (row * down) as isize - self.shape.padding[0] as isize;
        let left = (col * right) as isize - self.shape.padding[1] as isize;
        let count = if four && (right == 1 || right == 2) { PLACES } else { 1 };
        self.windows(Windows { top, left, count, stride: right }, numbers);
        count
    }

    /// The same. What padding cuts is read as if the image had no edges: so it is read of the line, or the channel, before or behind. Then it is
    /// overwritten with zeros.
    #[inline(always)]
    fn windows(&self, windows: Windows, numbers: &mut [f32]) {
        let Conv2d { height, width, kernel: [kh, kw], dilation, .. } = *self.shape;
        let Windows { top, left, count, stride } = windows;
        let (reach, span) = (dilation[0] * (kh - 1), dilation[1] * (kw - 1) + (count - 1) * stride);
        let inside =
            top >= 0 && left >= 0 && top as usize + reach < height && left as usize + span < width;
        let plane = (height * width) as isize;
        let mut start = self.channels.start as isize * plane + top * width as isize + left;
        // Of a window of one number, all channels are copied at once, as if they were its lines.
        let (lines, pitch) = match kh * kw {
            1 if inside => (self.channels.len(), height * width),
            _ => (kh, dilation[0] * width),
        };
        let last = self.x.len() as isize - (lines.saturating_sub(1) * pitch + span) as isize;
        let step = (lines * kw * self.apart).max(1);
        for to in numbers.chunks_mut(step) {
            if (0..last).contains(&start) && to.len() + self.apart >= step + count {
                let taps = [lines, kw];
                let (x, to) = (self.x.as_ptr().wrapping_offset(start), to.as_mut_ptr());
                // SAFETY: the first and the last number that are read lie in `x`, the places of the last tap in `to`.
                unsafe { copy(taps, [pitch, dilation[1]], windows, x, to, self.apart) };
            } else {
                self.slowly(start, windows, to);
            }
            start += plane;
        }
        if !inside {
            self.cut(windows, numbers);
        }
    }

    /// As [`copy`] of a channel's windows that begin at `start`, where not all that is read is there.
    #[cold]
    #[inline(never)]
    fn slowly(&self, start: isize, windows: Windows, to: &mut [f32]) {
        let Conv2d { width, kernel: [_, kw], dilation, .. } = *self.shape;
        for (tap, to) in to.chunks_mut(self.apart.max(1)).enumerate() {
            let from = tap / kw.max(1) * dilation[0] * width + tap % kw.max(1) * dilation[1];
            for (i, to) in to.iter_mut().take(windows.count).enumerate() {
                let at = start.wrapping_add_unsigned(from + i * windows.stride);
                let x = usize::try_from(at).ok().and_then(|at| self.x.get(at));
                *to = x.copied().unwrap_or(0.0);
            }
        }
    }

    /// Writes zeros where windows see what is outside the image.
    #[inline(never)]
    fn cut(&self, windows: Windows, numbers: &mut [f32]) {
        let Conv2d { height, width, kernel: [kh, kw], dilation, .. } = *self.shape;
        let Windows { top, left, count, stride } = windows;
        let span = dilation[1] * (kw - 1) + (count - 1) * stride;
        let cut_columns = left < 0 || left as usize + span >= width;
        for i in 0..kh {
            // What is before the image is beyond its end.
            let cut = top.wrapping_add_unsigned(i * dilation[0]) as usize >= height;
            if !cut && !cut_columns {
                continue;
            }
            for j in 0..kw {
                for n in 0..count {
                    let col = left.wrapping_add_unsigned(j * dilation[1] + n * stride) as usize;
                    if !cut && col < width {
                        continue;
                    }
                    let first = (i * kw + j) * self.apart + n;
                    let of_each_channel = numbers.iter_mut().skip(first);
                    of_each_channel.step_by((kh * kw * self.apart).max(1)).for_each(|x| *x = 0.0);
                }
            }
        }
    }
}

/// Copies what windows see of one channel, from `x` on, tap by tap: `lines` of `taps`, which are `down` and `right` apart in the image, and `apart` where
/// they go.
///
/// # Safety
/// What they see is valid for reading, and as many places of each tap for writing. There is at least one tap; there are as many windows as
/// [`PLACES`], 1 or 2 apart, or there is one.
#[inline(always)]
unsafe fn copy(
    [lines, taps]: [usize; 2],
    [down, right]: [usize; 2],
    windows: Windows,
    x: *const f32,
    to: *mut f32,
    apart: usize,
) {
    macro_rules! each_tap {
        ($($read_and_write:literal),+) => {
            asm!(
                "2:",
                "mov {n}, {taps}",
                "3:",
                $($read_and_write,)+
                "add {x}, {x}, {right}",
                "add {to}, {to}, {apart}",
                "subs {n}, {n}, #1",
                "bne 3b",
                "subs {lines}, {lines}, #1",
                "add {x}, {x}, {next}",
                "bne 2b",
                x = inout(reg) x => _,
                to = inout(reg) to => _,
                lines = inout(reg) lines => _,
                taps = in(reg) taps,
                right = in(reg) size_of::<f32>() * right,
                apart = in(reg) size_of::<f32>() * apart,
                next = in(reg) size_of::<f32>().wrapping_mul(down.wrapping_sub(taps * right)),
                n = out(reg) _,
                out("s0") _, out("s1") _, out("s2") _, out("s3") _,
                options(nostack),
            )
        };
    }
    // SAFETY: reads and writes what the caller promises to be there, and changes only the registers that it names.
    unsafe {
        match (windows.count, windows.stride) {
            (PLACES, 1) => each_tap!("vldmia {x}, {{s0-s3}}", "vstmia {to}, {{s0-s3}}"),
            (PLACES, _) => each_tap!(
                "vldr s0, [{x}]",
                "vldr s1, [{x}, #8]",
                "vldr s2, [{x}, #16]",
                "vldr s3, [{x}, #24]",
                "vstmia {to}, {{s0-s3}}"
            ),
            _ => each_tap!("vldr s0, [{x}]", "vstr s0, [{to}]"),
        }
    }
}
