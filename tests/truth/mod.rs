//! What firmnet computes against what PyTorch computes: `tests/vectors` holds its numbers, and how they were made.

mod finite_differences;
mod initialisers;
mod losses;
mod optimizers;
mod penalties;
mod schedules;
mod vectors;
