//! Tells three irises apart: a whole program around about the smallest network, to see what the least costs.
#![no_std]
#![no_main]

use boards::{Say, entry, exit};
use firmnet::prelude::*;
use networks::flower::{FLOWERS, Flower, NET, SPECIES};
use networks::largest;

boards::panics_do_not_link!();

// ANCHOR: main
#[entry]
fn main() -> ! {
    let mut memory = Flower::workspace();
    for flower in &FLOWERS {
        let answer = largest(NET.forward(flower, &mut memory));
        Say.text("an iris ").text(SPECIES.get(answer).unwrap_or(&"?")).line();
    }
    exit(0)
}
// ANCHOR_END: main
