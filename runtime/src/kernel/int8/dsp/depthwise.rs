//! Depthwise convolutions, three by three: channels of an image set apart, and windows down a column.

use core::arch::asm;

/// A pair of columns of four channels of an image, and its neighbours to the right.
pub(in crate::kernel::int8) struct Pairs<'a> {
    /// From the first channel of the first column on.
    pub(in crate::kernel::int8) x: &'a [i8],
    /// Channels of the image.
    pub(in crate::kernel::int8) channels: usize,
    /// How many pairs.
    pub(in crate::kernel::int8) count: usize,
    /// Words from one channel to the next in what is written.
    pub(in crate::kernel::int8) apart: usize,
}

impl Pairs<'_> {
    /// Writes the first channel of a pair to `to`, widened, as a word, the others each `apart` words farther, and so on with the next pair.
    ///
    /// # Safety
    /// There are as many bytes and as many places, and at least one pair.
    #[inline(always)]
    pub(in crate::kernel::int8) unsafe fn spread(&self, to: *mut u32) {
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
pub(in crate::kernel::int8) struct Column {
    /// Where the first output goes.
    pub(in crate::kernel::int8) y: *mut i8,
    pub(in crate::kernel::int8) bias: i32,
    /// What becomes of a sum: [`Channel::steps`](crate::kernel::int8::Channel).
    pub(in crate::kernel::int8) steps: [i32; 3],
    /// From an output to the one on its right.
    pub(in crate::kernel::int8) right: usize,
    /// From an output to the one below.
    pub(in crate::kernel::int8) below: usize,
    /// Behind the first word of the last window.
    pub(in crate::kernel::int8) end: *const u32,
    /// Of each line of the kernel, its weights 0 and 1, and 1 and 2.
    pub(in crate::kernel::int8) weight: [u32; 6],
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
    pub(in crate::kernel::int8) unsafe fn two(&mut self, left: *const u32, right: *const u32) {
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
    pub(in crate::kernel::int8) unsafe fn one<const STRIDE: usize>(
        &mut self,
        left: *const u32,
        right: *const u32,
    ) {
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
