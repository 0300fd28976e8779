//! The networks of the firmware examples, with their parameters: the same on the host and on every board.
#![no_std]
#![forbid(unsafe_code)]

pub mod digits;
