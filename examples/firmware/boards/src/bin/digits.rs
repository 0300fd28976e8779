//! Reads ten handwritten digits.
#![no_std]
#![no_main]

use boards::{CORE, Clock, Lend, Say, entry, exit, stack_of};
use firmnet::prelude::*;
use networks::digits::{Digits, IMAGES, Image, NET};
use networks::largest;

boards::panics_do_not_link!();

/// The memory of an inference.
static MEMORY: Lend<Arena<{ Digits::INFERENCE.len(1) }>> = Lend::new(Digits::workspace());

#[entry]
fn main() -> ! {
    Say.text("digits on ").text(CORE).line();
    let clock = Clock::start();
    let Some(memory) = MEMORY.take() else { exit(1) };
    let mut image: Image = [[[0.0; 28]; 28]];
    let (mut instructions, mut stack) = (0, 0);
    for (shown, pixels) in IMAGES.iter().enumerate() {
        for (x, pixel) in image.as_flattened_mut().as_flattened_mut().iter_mut().zip(pixels) {
            *x = f32::from(*pixel) / 255.0;
        }
        instructions = clock.count(|| {
            NET.forward(&image, memory);
        });
        stack = stack_of(|| {
            NET.forward(&image, memory);
        });
        let y = NET.forward(&image, memory);
        Say.text("an image of ")
            .number(shown as u32)
            .text(" is read as ")
            .number(largest(y) as u32);
        Say.text(", from").bits(y).line();
    }
    Say.text("instructions per inference: ").number(instructions).line();
    Say.text("bytes of stack: ").number(stack).line();
    Say.text("bytes of workspace: ").number(Digits::INFERENCE_RAM as u32).line();
    exit(0)
}
