//! Looks at three irises, and blinks for each: once for setosa, twice for versicolor, three times for virginica.
#![no_std]
#![no_main]

use boards::{Led, Lend, entry, exit, wait};
use firmnet::prelude::*;
use networks::flower::{FLOWERS, Flower, NET};
use networks::largest;

boards::panics_do_not_link!();

// ANCHOR: main
/// The memory of an inference, whose size the compiler knows.
static MEMORY: Lend<Arena<{ Flower::INFERENCE.len(1) }>> = Lend::new(Flower::workspace());

#[entry]
fn main() -> ! {
    let (Some(memory), Some(mut led)) = (MEMORY.take(), Led::new()) else { exit(1) };
    for flower in &FLOWERS {
        let answer = largest(NET.forward(flower, memory));
        for _ in 0..=answer {
            led.set(true);
            wait(100_000);
            led.set(false);
            wait(100_000);
        }
        wait(400_000);
    }
    exit(0)
}
// ANCHOR_END: main
