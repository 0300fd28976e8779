//! All integration tests in one binary: one link, one run.

mod book;
mod layers;
mod train;
mod truth;
