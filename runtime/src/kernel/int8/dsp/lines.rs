//! Lines of an image on their way to the windows.

use core::arch::asm;

use super::super::tile::{Lines, Wide};

/// Widens the fours of bytes of all lines to every `EVERY`th place from `to` on.
///
/// # Safety
/// The lines are there, and so many places. There is at least one four.
#[inline(always)]
pub(in crate::kernel::int8) unsafe fn widen<const EVERY: usize>(lines: Lines<'_>, to: *mut Wide) {
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
pub(in crate::kernel::int8) unsafe fn copy(lines: Lines<'_>, to: *mut i8) {
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
