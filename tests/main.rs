//! All integration tests but those against PyTorch, which are beside: two binaries, which are built at one time.

mod book;
mod digit;
mod files;
mod int8;
mod layers;
mod macros;
mod messages;
mod no_heap;
mod train;
