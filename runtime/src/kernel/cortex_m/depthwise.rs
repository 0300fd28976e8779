//! Convolution of each channel by itself, three by three: lines are copied with their padding, and then outputs are worked out four at a time.

use core::arch::asm;

use super::tile::fma;
use crate::kernel::Conv2d;

/// Numbers that are copied at a time. They are on the stack.
const ROOM: usize = 512;

/// Whether a convolution is done so.
pub(super) fn fits(shape: &Conv2d) -> bool {
    let Conv2d { in_channels, out_channels, groups, stride, kernel, dilation, .. } = *shape;
    let alone = groups == in_channels && out_channels == in_channels;
    alone && kernel == [3, 3] && dilation == [1, 1] && (stride[1] == 1 || stride[1] == 2)
}

/// Adds the convolution of one sample to `y`.
#[inline(never)]
pub(super) fn add(shape: &Conv2d, x: &[f32], weight: &[f32], y: &mut [f32]) {
    let Conv2d { height, width, out_height, out_width, stride: [down, right], .. } = *shape;
    let mut room = [0.0; ROOM];
    // So many columns that three lines of them have room, and then as many lines as have.
    let columns = out_width.min((ROOM / 3 - 3) / right.max(1) + 1).max(1);
    let pitch = ((columns - 1) * right + 3).max(1);
    let rows = out_height.min((ROOM / pitch).saturating_sub(3) / down.max(1) + 1).max(1);
    let (plane, image) = ((out_height * out_width).max(1), (height * width).max(1));
    for row in (0..out_height).step_by(rows) {
        for col in (0..out_width).step_by(columns) {
            if row + col > 0 {
                room.fill(0.0);
            }
            let (rows, columns) = (rows.min(out_height - row), columns.min(out_width - col));
            let lines = (rows - 1) * down + 3;
            let inside = Inside::of(shape, [row * down, col * right], [lines, pitch]);
            let end = (rows - 1) * out_width + columns;
            let channels = x.chunks_exact(image).zip(weight.as_chunks::<9>().0);
            for ((x, weight), y) in channels.zip(y.chunks_exact_mut(plane)) {
                inside.copy(x, width, &mut room, pitch);
                let y = y.get_mut(row * out_width + col..).unwrap_or_default();
                if lines * pitch > ROOM || end > y.len() {
                    return;
                }
                let windows = Windows { x: &room, pitch, stride: [down, right], rows, columns };
                // SAFETY: just asked.
                unsafe { windows.add(weight, y, out_width) };
            }
        }
    }
}

/// The part of some lines that lies within the image.
struct Inside {
    /// The first line, and how many.
    lines: [usize; 2],
    /// The first column, and how many.
    columns: [usize; 2],
    /// Where the first number of it is in the image.
    start: usize,
}

impl Inside {
    /// Of so many lines and columns of the padded image, from `top` and `left` on.
    fn of(shape: &Conv2d, [top, left]: [usize; 2], [lines, columns]: [usize; 2]) -> Self {
        let Conv2d { height, width, padding, .. } = *shape;
        let within = |size: usize, padding: usize, begin: usize, count: usize| {
            let first = padding.saturating_sub(begin);
            let end = count.min((size + padding).saturating_sub(begin));
            [first, end.saturating_sub(first)]
        };
        let lines = within(height, padding[0], top, lines);
        let columns = within(width, padding[1], left, columns);
        let start = top.saturating_sub(padding[0]) * width + left.saturating_sub(padding[1]);
        Inside { lines, columns, start }
    }

    /// Copies it from the image `x`, whose lines have `width` numbers, to its place in `to`, whose lines have `pitch`.
    #[inline(always)]
    fn copy(&self, x: &[f32], width: usize, to: &mut [f32], pitch: usize) {
        let Inside { lines: [line, lines], columns: [column, columns], start } = *self;
        let to = to.get_mut(line * pitch + column..).unwrap_or_default();
        let x = x.get(start..).unwrap_or_default();
        let end = |pitch: usize| lines.saturating_sub(1) * pitch + columns;
        if lines == 0 || columns == 0 || x.len() < end(width) || to.len() < end(pitch) {
            return;
        }
        // SAFETY: just asked. Changes only the registers that it names.
        unsafe {
            asm!(
                "2:",
                "lsrs {n}, {columns}, #2",
                "beq 4f",
                "3:",
                "vldmia {x}!, {{s0-s3}}",
                "subs {n}, {n}, #1",
                "vstmia {to}!, {{s0-s3}}",
                "bne 3b",
                "4:",
                "ands {n}, {columns}, #3",
                "beq 6f",
                "5:",
                "vldmia {x}!, {{s0}}",
                "subs {n}, {n}, #1",
                "vstmia {to}!, {{s0}}",
                "bne 5b",
                "6:",
                "subs {lines}, {lines}, #1",
                "add {x}, {x}, {next_x}",
                "add {to}, {to}, {next_to}",
                "bne 2b",
                x = inout(reg) x.as_ptr() => _,
                to = inout(reg) to.as_mut_ptr() => _,
                lines = inout(reg) lines => _,
                columns = in(reg) columns,
                next_x = in(reg) size_of::<f32>() * (width - columns),
                next_to = in(reg) size_of::<f32>() * (pitch - columns),
                n = out(reg) _,
                out("s0") _, out("s1") _, out("s2") _, out("s3") _,
                options(nostack),
            );
        }
    }
}

/// Four windows' sums of one line, whose weights are in the registers `$a` to `$c`; what each weight multiplies is in those behind it.
macro_rules! four {
    ($([$weight:literal, $p:literal, $q:literal, $r:literal, $s:literal]),+) => {
        concat!($(fma!($weight, ["s20", $p], ["s21", $q], ["s22", $r], ["s23", $s]),)+)
    };
}

/// The work of [`Windows::add`]: `$four` are the registers of a line that four windows see, and `$sums` says of the weights of a line what they
/// multiply.
macro_rules! windows {
    ($windows:ident, $weight:ident, $y:ident, $width:ident, $stride:literal, $four:literal, $sums:ident) => {
        asm!(
            "vldmia {w}, {{s0-s8}}",
            "2:",
            "lsrs {n}, {columns}, #2",
            "beq 4f",
            "3:",
            "add {line}, {x}, {pitch}",
            "vldmia {y}, {{s20-s23}}",
            concat!("vldmia {x}, ", $four),
            $sums!("s0", "s1", "s2"),
            concat!("vldmia {line}, ", $four),
            "add {line}, {line}, {pitch}",
            $sums!("s3", "s4", "s5"),
            concat!("vldmia {line}, ", $four),
            "add {x}, {x}, #4 * {step}",
            $sums!("s6", "s7", "s8"),
            "subs {n}, {n}, #1",
            "vstmia {y}!, {{s20-s23}}",
            "bne 3b",
            "4:",
            "ands {n}, {columns}, #3",
            "beq 6f",
            "5:",
            "add {line}, {x}, {pitch}",
            "vldmia {y}, {{s20}}",
            "vldmia {x}, {{s9-s11}}",
            "vldmia {line}, {{s12-s14}}",
            "add {line}, {line}, {pitch}",
            "vldmia {line}, {{s15-s17}}",
            fma!("s0", ["s20", "s9"]),
            fma!("s1", ["s20", "s10"]),
            fma!("s2", ["s20", "s11"]),
            fma!("s3", ["s20", "s12"]),
            fma!("s4", ["s20", "s13"]),
            fma!("s5", ["s20", "s14"]),
            fma!("s6", ["s20", "s15"]),
            fma!("s7", ["s20", "s16"]),
            fma!("s8", ["s20", "s17"]),
            "add {x}, {x}, #{step}",
            "subs {n}, {n}, #1",
            "vstmia {y}!, {{s20}}",
            "bne 5b",
            "6:",
            "subs {rows}, {rows}, #1",
            "add {x}, {x}, {next_x}",
            "add {y}, {y}, {next_y}",
            "bne 2b",
            w = in(reg) $weight.as_ptr(),
            x = inout(reg) $windows.x.as_ptr() => _,
            pitch = in(reg) size_of::<f32>() * $windows.pitch,
            y = inout(reg) $y.as_mut_ptr() => _,
            rows = inout(reg) $windows.rows => _,
            columns = in(reg) $windows.columns,
            next_x = in(reg) $windows.next_row(),
            next_y = in(reg) size_of::<f32>() * ($width - $windows.columns),
            n = out(reg) _,
            line = out(reg) _,
            step = const size_of::<f32>() * $stride,
            out("s0") _, out("s1") _, out("s2") _, out("s3") _, out("s4") _, out("s5") _, out("s6") _, out("s7") _, out("s8") _, out("s9") _, out("s10") _, out("s11") _, out("s12") _, out("s13") _, out("s14") _, out("s15") _, out("s16") _, out("s17") _, out("s20") _, out("s21") _, out("s22") _, out("s23") _,
            options(nostack),
        )
    };
}

/// The sums of a line with the weights in these registers, of windows next to one another.
macro_rules! next_to_one_another {
    ($a:literal, $b:literal, $c:literal) => {
        four!(
            [$a, "s9", "s10", "s11", "s12"],
            [$b, "s10", "s11", "s12", "s13"],
            [$c, "s11", "s12", "s13", "s14"]
        )
    };
}

/// As `next_to_one_another`, of every second window.
macro_rules! every_second {
    ($a:literal, $b:literal, $c:literal) => {
        four!(
            [$a, "s9", "s11", "s13", "s15"],
            [$b, "s10", "s12", "s14", "s16"],
            [$c, "s11", "s13", "s15", "s17"]
        )
    };
}

/// Windows of three by three, row by row.
struct Windows<'a> {
    /// From the first of them on.
    x: &'a [f32; ROOM],
    /// From one line to the next.
    pitch: usize,
    /// Lines from one row of windows to the next, and columns from one window to the next: 1 or 2.
    stride: [usize; 2],
    /// At least one, of at least one window.
    rows: usize,
    columns: usize,
}

impl Windows<'_> {
    /// Adds what `weight` makes of each window to its number in `y`, whose lines have `width`.
    ///
    /// # Safety
    /// All lines that they see are in `x`, and `y` has as many rows.
    #[inline(always)]
    unsafe fn add(&self, weight: &[f32; 9], y: &mut [f32], width: usize) {
        // SAFETY: reads and writes what the caller promises to be there, and changes only the registers that it names.
        unsafe {
            match self.stride[1] {
                1 => windows!(self, weight, y, width, 1, "{{s9-s14}}", next_to_one_another),
                _ => windows!(self, weight, y, width, 2, "{{s9-s17}}", every_second),
            }
        }
    }

    /// Bytes from behind the windows of a row to the next row; there may be less in a row than the windows see.
    fn next_row(&self) -> usize {
        let [down, right] = self.stride;
        size_of::<f32>().wrapping_mul((self.pitch * down).wrapping_sub(self.columns * right))
    }
}
