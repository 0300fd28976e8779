//! Tests of the whole macro, from tokens to tokens.

mod expansion;
