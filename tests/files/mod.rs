//! Whole networks to files and back.

mod stack;
