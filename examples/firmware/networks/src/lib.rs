//! The networks of the firmware examples, with their parameters: the same on the host and on every board.
#![no_std]
#![forbid(unsafe_code)]

pub mod digits;
pub mod exercise;
pub mod flower;
pub mod mirror;
pub mod tiny;

/// The place of the largest of `numbers`; the first of several.
pub fn largest(numbers: &[f32]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (i, &number) in numbers.iter().enumerate() {
        if number > best.1 {
            best = (i, number);
        }
    }
    best.0
}
