//! What the examples share: pictures, and digits from image files.
#![allow(dead_code, reason = "each example uses some of it")]

pub mod digit;
pub mod pictures;
