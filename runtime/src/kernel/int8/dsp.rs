//! Blocks for a Cortex-M with DSP instructions (M4, M7, M33 where it has them).
//!
//! `smlad` multiplies two pairs of sixteen bits and adds both products; `sxtb16` makes such a pair of the bytes 0 and 2, or 1 and 3, of a word.
//! Stable Rust reaches neither but by `asm!`, and of one instruction at a time the compiler makes loops that take half as long again: so a block is
//! written as a whole. It has twelve registers, and r6 and r7 on top, which it has to save.

use core::arch::asm;

use super::tile::{Lines, Wide};
use super::{Channel, Four};

/// Bytes 0 and 2 of a word.
#[inline(always)]
pub(super) fn even_bytes(word: u32) -> u32 {
    let pair;
    // SAFETY: works on registers alone.
    unsafe {
        asm!("sxtb16 {0}, {1}", lateout(reg) pair, in(reg) word, options(pure, nomem, nostack, preserves_flags));
    }
    pair
}

/// Bytes 1 and 3 of a word.
#[inline(always)]
pub(super) fn odd_bytes(word: u32) -> u32 {
    let pair;
    // SAFETY: works on registers alone.
    unsafe {
        asm!("sxtb16 {0}, {1}, ror #8", lateout(reg) pair, in(reg) word, options(pure, nomem, nostack, preserves_flags));
    }
    pair
}

/// The products of two pairs, added to `sum`.
#[inline(always)]
pub(super) fn multiply_pairs(a: u32, b: u32, sum: i32) -> i32 {
    let to;
    // SAFETY: works on registers alone.
    unsafe {
        asm!("smlad {0}, {1}, {2}, {3}", lateout(reg) to, in(reg) a, in(reg) b, in(reg) sum, options(pure, nomem, nostack));
    }
    to
}

/// `(a · b + 2³² · c + 2³¹) / 2³²`, rounded down.
#[inline(always)]
pub(super) fn high_product_and(a: i32, b: i32, c: i32) -> i32 {
    let to;
    // SAFETY: works on registers alone.
    unsafe {
        asm!("smmlar {0}, {1}, {2}, {3}", lateout(reg) to, in(reg) a, in(reg) b, in(reg) c, options(pure, nomem, nostack, preserves_flags));
    }
    to
}

/// What becomes of the sum of a common [`Channel`](super::Channel), in six instructions.
#[inline(always)]
pub(super) fn finish(sum: i32, multiplier: i32, half: i32, shift: i32) -> i8 {
    let byte: i32;
    // SAFETY: works on registers alone.
    unsafe {
        asm!(
            "smmlar {sum}, {sum}, {multiplier}, {sum}",
            "lsl {rounding}, {half}, {shift}",
            "add {rounding}, {rounding}, {sum}",
            "add {sum}, {rounding}, {sum}, asr #31",
            "asr {sum}, {sum}, {shift}",
            "ssat {sum}, #8, {sum}, asr #1",
            sum = inout(reg) sum => byte,
            multiplier = in(reg) multiplier,
            half = in(reg) half,
            shift = in(reg) shift,
            rounding = out(reg) _,
            options(pure, nomem, nostack),
        );
    }
    byte as i8
}

/// The words of one row in `$w`, times the pairs in `$even` and `$odd` of each window, added to its `$sum`.
macro_rules! row {
    ($w:literal, $([$even:literal, $odd:literal, $sum:literal]),+) => {
        concat!(
            "sxtb16 r12, ", $w, "\n",
            "sxtb16 ", $w, ", ", $w, ", ror #8\n",
            $("smlad ", $sum, ", r12, ", $even, ", ", $sum, "\n",)+
            $("smlad ", $sum, ", ", $w, ", ", $odd, ", ", $sum, "\n",)+
        )
    };
}

/// Runs `$body` as often as r8 says, which is not 0, two times a turn.
macro_rules! twice_a_turn {
    ($body:expr) => {
        concat!(
            "adds r8, r8, #1\n",
            "lsrs r8, r8, #1\n",
            "bcc 3f\n",
            "2:\n",
            $body,
            "3:\n",
            $body,
            "subs r8, r8, #1\n",
            "bne 2b\n",
        )
    };
}

/// Four rows, interleaved, times one window, four taps: two loads, eight `sxtb16`, eight `smlad`.
macro_rules! four_rows {
    () => {
        concat!(
            "ldmia r4!, {{r0-r3}}\n",
            "ldrd r6, r7, [r5], #8\n",
            row!("r0", ["r6", "r7", "r9"]),
            row!("r1", ["r6", "r7", "r10"]),
            row!("r2", ["r6", "r7", "r11"]),
            row!("r3", ["r6", "r7", "lr"]),
        )
    };
}

/// Two rows times two windows, which are interleaved, four taps: two loads, four `sxtb16`, eight `smlad`.
macro_rules! two_rows {
    () => {
        concat!(
            "ldrd r0, r1, [r4], #16\n",
            "ldmia r5!, {{r2, r3, r6, r7}}\n",
            row!("r0", ["r2", "r3", "r9"], ["r6", "r7", "r10"]),
            row!("r1", ["r2", "r3", "r11"], ["r6", "r7", "lr"]),
        )
    };
}

/// What becomes of one channel's sums for two windows: r2 and r3 are its multiplier and shift, r1 is [`TwoWindows::half`], and the bytes go to r6
/// and r7.
macro_rules! two_sums {
    ($a:literal, $b:literal) => {
        concat!("lsl r8, r1, r3\n", sum!($a, "r6"), sum!($b, "r7"),)
    };
}

/// What becomes of one sum.
macro_rules! sum {
    ($sum:literal, $to:literal) => {
        concat!(
            "smmlar ",
            $sum,
            ", ",
            $sum,
            ", r2, ",
            $sum,
            "\n",
            "add ",
            $sum,
            ", ",
            $sum,
            ", ",
            $sum,
            ", asr #31\n",
            "add ",
            $sum,
            ", ",
            $sum,
            ", r8\n",
            "asr ",
            $sum,
            ", ",
            $sum,
            ", r3\n",
            "ssat ",
            $sum,
            ", #8, ",
            $sum,
            ", asr #1\n",
            "strb ",
            $sum,
            ", [",
            $to,
            "], #1\n",
        )
    };
}

/// Two rows of [`TwoWindows`] whose weights begin at r4; `$next` goes on to those of the next two.
macro_rules! two_channels {
    ($next:literal) => {
        concat!(
            "ldr r12, [sp, #8]\n",
            "ldrd r5, r8, [r12, #8]\n",
            "ldr r2, [r12, #16]\n",
            "ldr r9, [r2]\n",
            "ldr r11, [r2, #12]\n",
            "mov r10, r9\n",
            "mov lr, r11\n",
            twice_a_turn!(two_rows!()),
            "ldr r12, [sp, #8]\n",
            "ldrd r6, r7, [r12]\n",
            "ldrd r0, r1, [r12, #16]\n",
            "ldrd r2, r3, [r0, #4]\n",
            two_sums!("r9", "r10"),
            "ldrd r2, r3, [r0, #16]\n",
            two_sums!("r11", "lr"),
            "strd r6, r7, [r12]\n",
            "add r0, r0, #24\n",
            "str r0, [r12, #16]\n",
            $next,
        )
    };
}

/// `sums[r]` plus row `r` of four times `x`.
///
/// # Safety
/// `weight` has four fours for each of `x`.
#[inline(always)]
pub(super) unsafe fn four_by_one(weight: &[Four], x: &[Wide], [a, b, c, d]: [i32; 4]) -> [i32; 4] {
    let (p, q, r, s);
    if x.is_empty() {
        return [a, b, c, d];
    }
    // SAFETY: reads what the caller promises, and changes only the registers that it names, and two that it restores.
    unsafe {
        asm!(
            "push {{r6, r7}}",
            twice_a_turn!(four_rows!()),
            "pop {{r6, r7}}",
            inout("r4") weight.as_ptr() => _,
            inout("r5") x.as_ptr() => _,
            inout("r8") x.len() => _,
            inout("r9") a => p,
            inout("r10") b => q,
            inout("r11") c => r,
            inout("lr") d => s,
            out("r0") _, out("r1") _, out("r2") _, out("r3") _, out("r12") _,
            options(readonly),
        );
    }
    [p, q, r, s]
}

/// Rows of weights, four after four, times two windows.
#[repr(C)]
pub(super) struct TwoWindows {
    /// Where the outputs of each window go.
    pub(super) y: [*mut i8; 2],
    /// Both windows, interleaved.
    pub(super) x: *const Wide,
    /// How many fours of taps.
    pub(super) fours: usize,
    /// What becomes of the sums of the first row.
    pub(super) channel: *const Channel,
    /// Twice the output's zero point, and one.
    pub(super) half: i32,
    /// Behind what becomes of those of the last row.
    pub(super) end: *const Channel,
}

impl TwoWindows {
    /// Writes all outputs.
    ///
    /// # Safety
    /// From `weight` on there are rows of as many fours for as many channels, which are common ones; channels come in fours, and there is at least one, as
    /// of taps. Each `y` is valid for writing a byte for each channel.
    #[inline(always)]
    pub(super) unsafe fn rows(&mut self, weight: *const Four) {
        // SAFETY: reads and writes what the caller promises to be there, and changes only the registers that it names, and two that it restores.
        unsafe {
            asm!(
                "push {{r6, r7, r12}}",
                "4:",
                // From behind the first two rows of four to the two others, and from there to the next four.
                two_channels!("ldr r0, [r12, #12]\nsub r4, r4, r0, lsl #4\nadd r4, r4, #8\n"),
                two_channels!("sub r4, r4, #8\n"),
                "ldr r1, [r12, #24]",
                "cmp r0, r1",
                "bne 4b",
                "pop {{r6, r7, r12}}",
                inout("r4") weight => _,
                inout("r12") self => _,
                out("r0") _, out("r1") _, out("r2") _, out("r3") _, out("r5") _,
                out("r8") _, out("r9") _, out("r10") _, out("r11") _, out("lr") _,
            );
        }
    }
}

/// Widens the fours of bytes of all lines to every `EVERY`th place from `to` on.
///
/// # Safety
/// The lines are there, and so many places. There is at least one four.
#[inline(always)]
pub(super) unsafe fn widen<const EVERY: usize>(lines: Lines<'_>, to: *mut Wide) {
    // SAFETY: reads and writes what the caller promises to be there, and changes only the registers that it names.
    unsafe {
        asm!(
            "2:",
            "mov {n}, {fours}",
            "3:",
            "ldr {low}, [{x}], #4",
            "sxtb16 {high}, {low}, ror #8",
            "sxtb16 {low}, {low}",
            "subs {n}, {n}, #1",
            "strd {low}, {high}, [{to}], #{step}",
            "bne 3b",
            "subs {count}, {count}, #1",
            "add {x}, {x}, {skip}",
            "bne 2b",
            x = inout(reg) lines.x.as_ptr() => _,
            to = inout(reg) to => _,
            count = inout(reg) lines.count => _,
            fours = in(reg) lines.len / 4,
            skip = in(reg) lines.pitch.wrapping_sub(lines.len),
            n = out(reg) _,
            low = out(reg) _,
            high = out(reg) _,
            step = const 8 * EVERY,
            options(nostack),
        );
    }
}

/// Copies all lines to `to`, one behind the other: whole words, of any alignment, so that up to three bytes too much are copied with each. The
/// compiler would call a function for it, which takes longer than two or three words.
///
/// # Safety
/// The lines are there, and so many places, and what is copied too much. There is at least one byte.
#[inline(always)]
pub(super) unsafe fn copy(lines: Lines<'_>, to: *mut i8) {
    // SAFETY: reads and writes what the caller promises to be there, and changes only the registers that it names.
    unsafe {
        asm!(
            "2:",
            "mov {n}, {words}",
            "3:",
            "ldr {word}, [{x}], #4",
            "subs {n}, {n}, #1",
            "str {word}, [{to}], #4",
            "bne 3b",
            "subs {count}, {count}, #1",
            "add {x}, {x}, {skip}",
            "sub {to}, {to}, {over}",
            "bne 2b",
            x = inout(reg) lines.x.as_ptr() => _,
            to = inout(reg) to => _,
            count = inout(reg) lines.count => _,
            words = in(reg) lines.len.div_ceil(4),
            skip = in(reg) lines.pitch.wrapping_sub(lines.len.next_multiple_of(4)),
            over = in(reg) lines.len.next_multiple_of(4) - lines.len,
            n = out(reg) _,
            word = out(reg) _,
            options(nostack),
        );
    }
}

/// A pair of columns of four channels of an image, and its neighbours to the right.
pub(super) struct Pairs<'a> {
    /// From the first channel of the first column on.
    pub(super) x: &'a [i8],
    /// Channels of the image.
    pub(super) channels: usize,
    /// How many pairs.
    pub(super) count: usize,
    /// Words from one channel to the next in what is written.
    pub(super) apart: usize,
}

impl Pairs<'_> {
    /// Writes the first channel of a pair to `to`, widened, as a word, the others each `apart` words farther, and so on with the next pair.
    ///
    /// # Safety
    /// There are as many bytes and as many places, and at least one pair.
    #[inline(always)]
    pub(super) unsafe fn spread(&self, to: *mut u32) {
        // SAFETY: reads and writes what the caller promises to be there, and changes only the registers that it names.
        unsafe {
            asm!(
                "2:",
                "ldr {v}, [{x}]",
                "ldr {w}, [{x}, {c}]",
                "add {x}, {x}, {c}, lsl #1",
                "sxtb16 {a}, {v}",
                "sxtb16 {b}, {w}",
                "pkhbt {t}, {a}, {b}, lsl #16",
                "pkhtb {a}, {b}, {a}, asr #16",
                "str {t}, [{to}]",
                "str {a}, [{to}, {r}, lsl #1]",
                "sxtb16 {v}, {v}, ror #8",
                "sxtb16 {w}, {w}, ror #8",
                "pkhbt {t}, {v}, {w}, lsl #16",
                "pkhtb {v}, {w}, {v}, asr #16",
                "str {t}, [{to}, {r}]",
                "str {v}, [{to}, {r3}]",
                "add {to}, {to}, {r}, lsl #2",
                "subs {n}, {n}, #1",
                "bne 2b",
                x = inout(reg) self.x.as_ptr() => _,
                c = in(reg) self.channels,
                to = inout(reg) to => _,
                r = in(reg) 4 * self.apart,
                r3 = in(reg) 12 * self.apart,
                n = inout(reg) self.count => _,
                v = out(reg) _,
                w = out(reg) _,
                a = out(reg) _,
                b = out(reg) _,
                t = out(reg) _,
                options(nostack),
            );
        }
    }
}

/// One channel's part of a depthwise convolution with a kernel of three by three: down one column of the output, or down two next to one another.
#[repr(C)]
pub(super) struct Column {
    /// Where the first output goes.
    pub(super) y: *mut i8,
    pub(super) bias: i32,
    /// What becomes of a sum: [`Channel::steps`](super::Channel).
    pub(super) steps: [i32; 3],
    /// From an output to the one on its right.
    pub(super) right: usize,
    /// From an output to the one below.
    pub(super) below: usize,
    /// Behind the first word of the last window.
    pub(super) end: *const u32,
    /// Of each line of the kernel, its weights 0 and 1, and 1 and 2.
    pub(super) weight: [u32; 6],
}

/// Three words below one another, of the first pair of columns or of the second; then `{p}` goes on to what is below.
macro_rules! three_lines {
    ($p:literal) => {
        concat!("ldmia ", $p, ", {{r6-r8}}\n", "add ", $p, ", ", $p, ", #{step}\n")
    };
}

impl Column {
    /// Two columns: four `smlad` or `smla` for each line of the window.
    ///
    /// # Safety
    /// From `left` and `right` on, there are the words of the lines, to `end` and two more, and all outputs are valid for writing.
    #[inline(always)]
    pub(super) unsafe fn two(&mut self, left: *const u32, right: *const u32) {
        // SAFETY: reads and writes what the caller promises to be there, and changes only the registers that it names, and two that it restores.
        unsafe {
            asm!(
                "push {{r6, r7}}",
                "add r0, lr, #32",
                "ldmia r0, {{r0-r5}}",
                "2:",
                three_lines!("r11"),
                "ldr r9, [lr, #4]",
                "smlatb r10, r6, r0, r9",
                "smlad r9, r6, r0, r9",
                "smlatb r10, r7, r2, r10",
                "smlad r9, r7, r2, r9",
                "smlatb r10, r8, r4, r10",
                "smlad r9, r8, r4, r9",
                three_lines!("r12"),
                "smlad r10, r6, r1, r10",
                "smlabt r9, r6, r1, r9",
                "smlad r10, r7, r3, r10",
                "smlabt r9, r7, r3, r9",
                "smlad r10, r8, r5, r10",
                "smlabt r9, r8, r5, r9",
                "ldrd r6, r7, [lr, #8]",
                "smmlar r9, r9, r6, r9",
                "smmlar r10, r10, r6, r10",
                "add r9, r9, r9, asr #31",
                "add r10, r10, r10, asr #31",
                "add r9, r9, r7",
                "add r10, r10, r7",
                "ldrd r6, r7, [lr, #16]",
                "ldr r8, [lr]",
                "asr r9, r9, r6",
                "asr r10, r10, r6",
                "ssat r9, #8, r9, asr #1",
                "ssat r10, #8, r10, asr #1",
                "strb r10, [r8, r7]",
                "ldrd r6, r7, [lr, #24]",
                "strb r9, [r8]",
                "add r8, r8, r6",
                "str r8, [lr]",
                "cmp r11, r7",
                "bne 2b",
                "pop {{r6, r7}}",
                step = const 4,
                inout("r11") left => _,
                inout("r12") right => _,
                in("lr") self,
                out("r0") _, out("r1") _, out("r2") _, out("r3") _, out("r4") _, out("r5") _,
                out("r8") _, out("r9") _, out("r10") _,
            );
        }
    }

    /// One column, of windows `STRIDE` apart.
    ///
    /// # Safety
    /// As [`two`](Column::two).
    #[inline(always)]
    pub(super) unsafe fn one<const STRIDE: usize>(&mut self, left: *const u32, right: *const u32) {
        // SAFETY: the same.
        unsafe {
            asm!(
                "push {{r6, r7}}",
                "add r0, lr, #32",
                "ldmia r0, {{r0-r5}}",
                "2:",
                three_lines!("r11"),
                "ldr r9, [lr, #4]",
                "smlad r9, r6, r0, r9",
                "smlad r9, r7, r2, r9",
                "smlad r9, r8, r4, r9",
                three_lines!("r12"),
                "smlabt r9, r6, r1, r9",
                "smlabt r9, r7, r3, r9",
                "smlabt r9, r8, r5, r9",
                "ldrd r6, r7, [lr, #8]",
                "smmlar r9, r9, r6, r9",
                "add r9, r9, r9, asr #31",
                "add r9, r9, r7",
                "ldr r6, [lr, #16]",
                "ldr r8, [lr]",
                "asr r9, r9, r6",
                "ssat r9, #8, r9, asr #1",
                "ldrd r6, r7, [lr, #24]",
                "strb r9, [r8]",
                "add r8, r8, r6",
                "str r8, [lr]",
                "cmp r11, r7",
                "bne 2b",
                "pop {{r6, r7}}",
                step = const 4 * STRIDE,
                inout("r11") left => _,
                inout("r12") right => _,
                in("lr") self,
                out("r0") _, out("r1") _, out("r2") _, out("r3") _, out("r4") _, out("r5") _,
                out("r8") _, out("r9") _, out("r10") _,
            );
        }
    }
}
