//! All integration tests in one binary: one link, one run.

mod book;
mod digit;
mod files;
mod layers;
mod no_heap;
mod messages;
mod train;
mod truth;
