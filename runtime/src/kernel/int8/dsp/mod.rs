//! Blocks for a Cortex-M with DSP instructions (M4, M7, M33 where it has them).
//!
//! `smlad` multiplies two pairs of sixteen bits and adds both products; `sxtb16` makes such a pair of the bytes 0 and 2, or 1 and 3, of a word.
//! Stable Rust reaches neither but by `asm!`, and of one instruction at a time the compiler makes loops that take half as long again: so a block is
//! written as a whole. It has twelve registers, and r6 and r7 on top, which it has to save.

mod add;
mod depthwise;
mod lines;
mod rows;

use core::arch::asm;

pub(super) use add::Sum;
pub(super) use depthwise::{Column, Pairs};
pub(super) use lines::{copy, widen};
pub(super) use rows::{TwoWindows, four_by_one};

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

/// Keeps all bytes from `min` to `max`: `sel` takes of each byte what `ssub8` found to be the larger.
#[inline(always)]
pub(super) fn hold(fours: &mut [[i8; 4]], min: i8, max: i8) {
    if fours.is_empty() {
        return;
    }
    let [min, max] = [min, max].map(|bound| u32::from_ne_bytes([bound as u8; 4]));
    // SAFETY: reads and writes the bytes of `fours`, and changes only the registers that it names.
    unsafe {
        asm!(
            "2:",
            "ldr {x}, [{y}]",
            "ssub8 {less}, {x}, {min}",
            "sel {x}, {x}, {min}",
            "ssub8 {less}, {max}, {x}",
            "sel {x}, {x}, {max}",
            "str {x}, [{y}], #4",
            "subs {n}, {n}, #1",
            "bne 2b",
            y = inout(reg) fours.as_mut_ptr() => _,
            n = inout(reg) fours.len() => _,
            min = in(reg) min,
            max = in(reg) max,
            x = out(reg) _,
            less = out(reg) _,
            options(nostack),
        );
    }
}
