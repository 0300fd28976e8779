//! Loops for a Cortex-M with a floating point unit (M4F, M7, M33).
//!
//! These cores fetch numbers best several at a time (`vldmia`), and multiply and add in one instruction (`vfma`); stable Rust makes
//! neither of plain loops. So whole blocks are written by hand, and the operands of `asm!` are core registers.

pub(super) mod conv2d;
mod depthwise;
mod gather;
mod rows;
mod tile;

pub(super) use rows::rows;
