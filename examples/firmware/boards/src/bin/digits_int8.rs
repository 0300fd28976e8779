//! Reads a hundred handwritten digits, in bytes.
#![no_std]
#![no_main]

use boards::{CORE, Clock, Lend, Say, entry, exit, stack_of};
use bytemuck::must_cast_slice;
use firmnet::prelude::*;
use networks::digits_int8::{IMAGES, NET, SmallCnnInt8, input};
use networks::largest;

boards::panics_do_not_link!();

/// The memory of an inference.
static MEMORY: Lend<Arena<{ SmallCnnInt8::INFERENCE_RAM.div_ceil(4) }>> =
    Lend::new(SmallCnnInt8::workspace());

#[entry]
fn main() -> ! {
    Say.text("digits in bytes on ").text(CORE).line();
    let clock = Clock::start();
    let Some(memory) = MEMORY.take() else { exit(1) };
    let (mut instructions, mut stack) = (0, 0);
    for (i, pixels) in IMAGES.iter().enumerate() {
        let image = input(pixels);
        if i == 0 {
            instructions = clock.count(|| {
                NET.forward(&image, memory);
            });
            stack = stack_of(|| {
                NET.forward(&image, memory);
            });
        }
        let y = NET.forward(&image, memory);
        Say.text("image ").number(i as u32).text(" is read as ").number(largest(y) as u32);
        Say.text(", from").bytes(must_cast_slice(y)).line();
    }
    Say.text("instructions per inference: ").number(instructions).line();
    Say.text("bytes of stack: ").number(stack).line();
    Say.text("bytes of workspace: ").number(SmallCnnInt8::INFERENCE_RAM as u32).line();
    exit(0)
}
