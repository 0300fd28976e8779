//! `network!`: from layer declarations to a statically shaped struct with its forward and backward pass.
