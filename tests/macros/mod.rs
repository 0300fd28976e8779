//! Declarations that the compiler accepts, and what becomes of them.

mod forms;
mod generic;
mod names;
mod nested;
mod own_layer;
mod sizes;
