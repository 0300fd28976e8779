//! Layers through `network!`: small cases worked out by hand, and gradients against finite differences.

mod arithmetic;
mod attention;
mod batch_norm;
mod cache;
mod gradients;
mod graphs;
mod moving;
mod pooling;
mod prepared;
mod recurrent;
mod sequences;
mod sequences_of_one_length;
mod streaming;
