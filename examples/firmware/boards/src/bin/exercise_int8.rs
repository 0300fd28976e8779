//! Says which exercise an arm does, while it does it, in bytes.
#![no_std]
#![no_main]

use boards::{CORE, Clock, Lend, Say, entry, exit, stack_of};
use bytemuck::must_cast_slice;
use firmnet::int8::stream::{Stream, len};
use firmnet::prelude::*;
use networks::exercise::{EXERCISES, ExerciseInt8, NET_INT8, STEPS, measured_int8};
use networks::largest;

boards::panics_do_not_link!();

/// What the network remembers, and the memory of a step.
static STREAM: Lend<Stream<ExerciseInt8, { len::<ExerciseInt8>() }>> =
    Lend::new(ExerciseInt8::stream());

#[entry]
fn main() -> ! {
    Say.text("exercise in bytes on ").text(CORE).line();
    let Some(stream) = STREAM.take() else { exit(1) };
    let clock = Clock::start();
    let (mut instructions, mut stack) = (0, 0);
    for i in 0..STEPS {
        let x = measured_int8(i);
        let mut y = [0; 7];
        let mut step = || y = *NET_INT8.step(&x, stream);
        match i {
            0 => stack = stack_of(step),
            1 => instructions = clock.count(step),
            _ => step(),
        }
        if i % 32 == 31 {
            let said = EXERCISES.get(largest(&y)).unwrap_or(&"?");
            Say.text("after step ").number(i as u32 + 1).text(" it is ").text(said);
            Say.text(", from").bytes(must_cast_slice(&y)).line();
        }
    }
    Say.text("instructions per inference: ").number(instructions).line();
    Say.text("bytes of stack: ").number(stack).line();
    exit(0)
}
