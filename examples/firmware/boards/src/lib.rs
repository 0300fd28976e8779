//! What the boards have in common: a way to say something, a clock that counts instructions, and a ruler for the stack.
//!
//! Nothing here can panic, and nothing formats: a program that uses it is as small as the network in it. Each program says by
//! [`panics_do_not_link!`] or [`panics_end_it!`] what it makes of the rest.
#![no_std]

mod clock;
mod flash;
mod led;
mod lend;
mod panics;
mod say;
mod stack;

pub use clock::{Clock, wait};
#[cfg(target_arch = "arm")]
pub use cortex_m_rt::entry;
pub use flash::{Flash, PowerFailed};
pub use led::Led;
pub use lend::Lend;
#[cfg(target_arch = "riscv32")]
pub use riscv_rt::entry;
pub use say::Say;
pub use semihosting::process::exit;
pub use stack::stack_of;

/// What these programs run on.
pub const CORE: &str = env!("CORE");
