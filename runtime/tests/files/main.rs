//! What is read from files and written to them, and what is measured: through the public doors.
#![cfg(feature = "std")]

mod atomic;
mod idx;
mod metrics;
mod safetensors;
