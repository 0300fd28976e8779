//! Tests of the whole macro, from tokens to tokens.

mod declarations;
mod expansion;
mod fuzz;
