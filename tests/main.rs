//! All integration tests in one binary: one link, one run.

mod book;
mod digit;
mod layers;
mod train;
mod truth;
