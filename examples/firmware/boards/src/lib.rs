//! What the boards have in common: a way to say something, a clock that counts instructions, and a ruler for the stack.
//!
//! Nothing here can panic, and nothing formats: a program that uses it is as small as the network in it.
#![no_std]

mod clock;
mod say;
mod stack;

pub use clock::Clock;
#[cfg(target_arch = "arm")]
pub use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
pub use riscv_rt::entry;
pub use say::Say;
pub use semihosting::process::exit;
pub use stack::stack_of;

use core::panic::PanicInfo;

/// What these programs run on.
pub const CORE: &str = env!("CORE");

/// There is no code that panics in these programs. If there were, they would not link: nobody has this function.
#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    unsafe extern "C" {
        fn something_in_this_program_can_panic() -> !;
    }
    // SAFETY: never linked, so never called.
    unsafe { something_in_this_program_can_panic() }
}
