//! Whole networks to files and back.

mod flash;
mod refused;
mod stack;
mod state_dict;
mod store;
