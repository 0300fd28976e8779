//! Sums of two activations.

use core::arch::asm;

/// How two bytes become the byte of their sum.
pub(in crate::kernel::int8) struct Sum {
    /// The first one's zero point, shifted by 20.
    pub(in crate::kernel::int8) zero: i32,
    /// What becomes of what is left of it: [`Channel::steps`](crate::kernel::int8::Channel).
    pub(in crate::kernel::int8) by: [i32; 3],
    /// The second one's zero point, shifted by 19.
    pub(in crate::kernel::int8) half_zero: i32,
    /// What becomes of the sum.
    pub(in crate::kernel::int8) output: [i32; 3],
}

impl Sum {
    /// Writes all sums, in seventeen instructions each.
    ///
    /// # Safety
    /// `x` and `half` have as many bytes as `y`.
    #[inline(always)]
    pub(in crate::kernel::int8) unsafe fn each(&self, x: &[i8], half: &[i8], y: &mut [i8]) {
        let Sum { zero, by, half_zero, output } = *self;
        let end = y.as_mut_ptr_range();
        if y.is_empty() {
            return;
        }
        // SAFETY: reads and writes what the caller promises to be there, and changes only the registers that it names, and two that it restores.
        unsafe {
            asm!(
                "push {{r6, r7}}",
                "2:",
                "ldrsb r6, [r0], #1",
                "ldrsb r7, [r1], #1",
                "rsb r6, r4, r6, lsl #20",
                "rsb r7, r10, r7, lsl #19",
                "smmlar r6, r6, r5, r6",
                "add r6, r6, r6, asr #31",
                "add r6, r6, r8",
                "asr r6, r6, r9",
                "add r6, r7, r6, asr #1",
                "smmlar r6, r6, r11, r6",
                "add r6, r6, r6, asr #31",
                "add r6, r6, r12",
                "asr r6, r6, lr",
                "ssat r6, #8, r6, asr #1",
                "strb r6, [r2], #1",
                "cmp r2, r3",
                "bne 2b",
                "pop {{r6, r7}}",
                inout("r0") x.as_ptr() => _,
                inout("r1") half.as_ptr() => _,
                inout("r2") end.start => _,
                in("r3") end.end,
                in("r4") zero,
                in("r5") by[0],
                in("r8") by[1],
                in("r9") by[2],
                in("r10") half_zero,
                in("r11") output[0],
                in("r12") output[1],
                in("lr") output[2],
            );
        }
    }
}
