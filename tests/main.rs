//! All integration tests in one binary: one link, one run.

mod book;
mod digit;
mod files;
mod int8;
mod layers;
mod macros;
mod messages;
mod no_heap;
mod train;
mod truth;
