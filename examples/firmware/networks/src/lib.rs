//! The networks of the firmware examples, with their parameters: the same on the host and on every board.
#![no_std]
#![forbid(unsafe_code)]

pub mod digits;
pub mod digits_int8;
pub mod exercise;
pub mod flower;
pub mod mirror;
pub mod stacks;
pub mod tiny;

/// The place of the largest of `numbers`; the first of several.
pub fn largest<T: Copy + PartialOrd>(numbers: &[T]) -> usize {
    let mut best = 0;
    for (i, number) in numbers.iter().enumerate() {
        if numbers.get(best).is_some_and(|best| number > best) {
            best = i;
        }
    }
    best
}
