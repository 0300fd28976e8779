//! README and book: nothing that they show may rot.
//!
//! The code of the book stands in `examples/` and beside this file, and is included from there.

mod adding_a_layer;
mod attention;
mod includes;
mod layers;
mod microcontroller;
mod prepared;
mod quantisation;
mod reference;
mod settings;
mod training;
