//! Says what recurrent layers answer that stand on one another, or go both ways.
#![no_std]
#![no_main]

use boards::{CORE, Lend, Say, entry, exit};
use firmnet::network::Network;
use firmnet::stream::{Stream, len};
use networks::stacks::{Live, STEPS, Whole, fill};

boards::panics_do_not_link!();

static WHOLE: Lend<Whole> = Lend::new(Whole::ZERO);
static LIVE: Lend<Live> = Lend::new(Live::ZERO);
static STREAM: Lend<Stream<Live, { len::<Live>() }>> = Lend::new(Live::stream());

#[entry]
fn main() -> ! {
    Say.text("stacks on ").text(CORE).line();
    let (Some(whole), Some(live)) = (WHOLE.take(), LIVE.take()) else { exit(1) };
    let Some(stream) = STREAM.take() else { exit(1) };
    fill(whole);
    fill(live);
    let mut memory = Whole::workspace();
    Say.text("the whole:").bits(whole.forward(&STEPS, &mut memory)).line();
    for (i, step) in (0..).zip(&STEPS) {
        Say.text("step ").number(i).text(":").bits(live.step(step, stream)).line();
    }
    exit(0)
}
