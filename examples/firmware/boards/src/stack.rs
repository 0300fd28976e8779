//! How much of the stack some work takes: what lies below is painted, and then it is seen how far the paint is gone.

use core::arch::asm;
use core::ptr;

const PAINT: u32 = 0xc0de_ca5e;

/// Bytes of stack that `work` takes below its caller.
#[inline(never)]
pub fn stack_of(work: impl FnOnce()) -> u32 {
    let (bottom, top) = (end_of_statics(), pointer());
    // SAFETY: between the statics and the stack pointer lies nothing that anyone uses; there are no interrupts here, and no heap.
    unsafe {
        let mut place = bottom;
        while place < top {
            ptr::write_volatile(place as *mut u32, PAINT);
            place += 4;
        }
    }
    work();
    let mut place = bottom;
    // SAFETY: the same words, to be read.
    while place < top && unsafe { ptr::read_volatile(place as *const u32) } == PAINT {
        place += 4;
    }
    (top - place) as u32
}

/// The stack pointer.
#[inline(always)]
fn pointer() -> usize {
    let pointer;
    // SAFETY: reads a register.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack));
        #[cfg(target_arch = "riscv32")]
        asm!("mv {}, sp", out(reg) pointer, options(nomem, nostack));
    }
    pointer
}

/// Where RAM begins that no `static` is in.
fn end_of_statics() -> usize {
    unsafe extern "C" {
        static __sheap: u8;
    }
    &raw const __sheap as usize
}
