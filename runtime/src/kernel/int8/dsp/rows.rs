//! Rows of weights times windows of the input.

use core::arch::asm;

use super::super::tile::Wide;
use super::super::{Channel, Four};

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
pub(in crate::kernel::int8) unsafe fn four_by_one(
    weight: &[Four],
    x: &[Wide],
    [a, b, c, d]: [i32; 4],
) -> [i32; 4] {
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
pub(in crate::kernel::int8) struct TwoWindows {
    /// Where the outputs of each window go.
    pub(in crate::kernel::int8) y: [*mut i8; 2],
    /// Both windows, interleaved.
    pub(in crate::kernel::int8) x: *const Wide,
    /// How many fours of taps.
    pub(in crate::kernel::int8) fours: usize,
    /// What becomes of the sums of the first row.
    pub(in crate::kernel::int8) channel: *const Channel,
    /// Twice the output's zero point, and one.
    pub(in crate::kernel::int8) half: i32,
    /// Behind what becomes of those of the last row.
    pub(in crate::kernel::int8) end: *const Channel,
}

impl TwoWindows {
    /// Writes all outputs.
    ///
    /// # Safety
    /// From `weight` on there are rows of as many fours for as many channels, which are common ones; channels come in fours, and there is at least one, as
    /// of taps. Each `y` is valid for writing a byte for each channel.
    #[inline(always)]
    pub(in crate::kernel::int8) unsafe fn rows(&mut self, weight: *const Four) {
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
