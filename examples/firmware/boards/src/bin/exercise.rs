//! Says which exercise an arm does, while it does it.
#![no_std]
#![no_main]

use boards::{CORE, Clock, Lend, Say, entry, exit, stack_of};
use firmnet::prelude::*;
use firmnet::stream::{Stream, len};
use networks::exercise::{EXERCISES, Exercise, NET, STEPS, measured};
use networks::largest;

boards::panics_do_not_link!();

/// What the network remembers, and the memory of a step.
static STREAM: Lend<Stream<Exercise, { len::<Exercise>() }>> = Lend::new(Exercise::stream());

#[entry]
fn main() -> ! {
    Say.text("exercise on ").text(CORE).line();
    let Some(stream) = STREAM.take() else { exit(1) };
    let clock = Clock::start();
    let (mut instructions, mut stack) = (0, 0);
    for i in 0..STEPS {
        let x = measured(i);
        let mut y = [0.0; 7];
        let mut step = || y = *NET.step(&x, stream);
        match i {
            0 => stack = stack_of(step),
            1 => instructions = clock.count(step),
            _ => step(),
        }
        if i % 32 == 31 {
            let said = EXERCISES.get(largest(&y)).unwrap_or(&"?");
            Say.text("after step ").number(i as u32 + 1).text(" it is ").text(said);
            Say.text(", from").bits(&y).line();
        }
    }
    Say.text("instructions per inference: ").number(instructions).line();
    Say.text("bytes of stack: ").number(stack).line();
    exit(0)
}
