//! Runs the network that `host tiny` names on one sample, says what it gives, and counts what that takes.
#![no_std]
#![no_main]

use core::hint::black_box;

use boards::{CORE, Clock, Lend, Say, entry, exit, stack_of};
use bytemuck::must_cast_slice;
use firmnet::prelude::*;

boards::panics_do_not_link!();

// `Net`, a network; `NET`, what it has learnt; `SAMPLE`, one of its inputs.
include!(env!("TINY"));

/// The memory of an inference.
static MEMORY: Lend<Arena<{ Net::INFERENCE_RAM.div_ceil(4) }>> = Lend::new(Arena::new());

#[entry]
fn main() -> ! {
    Say.text("a network on ").text(CORE).line();
    let clock = Clock::start();
    let Some(memory) = MEMORY.take() else { exit(1) };
    let instructions = clock.count(|| {
        NET.forward(black_box(&SAMPLE), memory);
    });
    let stack = stack_of(|| {
        NET.forward(black_box(&SAMPLE), memory);
    });
    Say.text("it gives").bytes(must_cast_slice(NET.forward(black_box(&SAMPLE), memory))).line();
    Say.text("instructions per inference: ").number(instructions).line();
    Say.text("bytes of stack: ").number(stack).line();
    Say.text("bytes of workspace: ").number(Net::INFERENCE_RAM as u32).line();
    exit(0)
}
