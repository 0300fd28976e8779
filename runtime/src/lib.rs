//! What firmnet's networks run on: shapes and memory plans worked out by the compiler, kernels, layers,
//! losses and optimizers. `no_std`, and no heap unless a feature asks for one.
//!
//! Users see all of it through the crate `firmnet`; this one is apart because a macro's crate can hold nothing else.
//!
//! | for the compiler: `const fn`s | while a network runs | what it is put together from |
//! |---|---|---|
//! | [`shape`], [`cast`]: sizes and arguments | [`network`], [`layer`], [`mod@keyword`]: the traits | [`layers`] |
//! | [`infer`], [`mod@generic`]: what a shape rule says | [`pass`]: finds a layer's slices, and calls it | [`loss`], [`penalty`] |
//! | [`plan`]: where every number lives | [`sample`], [`batch`]: arrays and slices of them | [`optim`], [`schedule`], [`clip`] |
//! | [`summary`], [`text`]: tables and messages | [`memory`]: what a pass is lent, [`bits`] | [`init`], [`kernel`] |
//! | | [`mod@int8`]: all of this in bytes | |
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;
// What a macro writes names the crate that users see, here too.
extern crate self as firmnet;

pub mod batch;
pub mod bits;
pub mod cast;
mod check;
pub mod clip;
#[cfg(feature = "alloc")]
pub mod compress;
#[cfg(feature = "std")]
pub mod data;
pub mod generic;
pub mod infer;
pub mod init;
pub mod int8;
pub mod io;
pub mod kernel;
pub mod keyword;
pub mod layer;
pub mod layers;
pub mod length;
pub mod loss;
pub mod memory;
pub mod metrics;
pub mod nested;
pub mod network;
pub mod optim;
pub mod pack;
pub mod pass;
pub mod penalty;
pub mod plan;
pub mod positional;
#[cfg(feature = "std")]
pub mod prepared;
pub mod sample;
pub mod schedule;
pub mod seq;
pub mod shape;
pub mod stream;
pub mod summary;
pub mod text;
#[cfg(feature = "std")]
pub mod train;
