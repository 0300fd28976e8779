//! Learns to read digits in a mirror, from samples that come one by one, and keeps what it has learnt where the power may fail.
#![no_std]
#![no_main]

use boards::{CORE, Clock, Flash, Lend, Say, entry, exit, stack_of};
use firmnet::io::flash::Store;
use networks::mirror::{HEAD, Head, Learner, PASSES, samples};
use rand_xoshiro::Xoshiro128PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

boards::panics_do_not_link!();

/// The network that learns, with all memory that it takes.
static LEARNER: Lend<Learner> = Lend::new(Learner::new());
/// What stands for two sectors of flash.
static FLASH: Lend<Flash<4096>> = Lend::new(Flash::new());

#[entry]
fn main() -> ! {
    Say.text("mirror on ").text(CORE).line();
    let (Some(learner), Some(flash)) = (LEARNER.take(), FLASH.take()) else { exit(1) };
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(1);
    Say.text("right before: ").number(right(learner)).text(" of 200").line();

    let clock = Clock::start();
    let (mut instructions, mut stack) = (0, 0);
    for pass in 0..PASSES {
        for (i, sample) in samples().0.enumerate() {
            match (pass, i) {
                (0, 0) => stack = stack_of(|| learner.learn(&sample, &mut rng)),
                (0, 1) => instructions = clock.count(|| learner.learn(&sample, &mut rng)),
                _ => learner.learn(&sample, &mut rng),
            }
        }
    }
    let after = right(learner);
    Say.text("right after: ").number(after).text(" of 200").line();

    // ANCHOR: store
    let mut store = Store::new(&mut *flash, 0..4096);
    let saved = store.save(&learner.head);
    // ANCHOR_END: store
    // What it began with is written over it, but the power fails in the middle.
    flash.power = 200;
    let cut = Store::new(&mut *flash, 0..4096).save(&HEAD);
    flash.power = u32::MAX;
    learner.head = firmnet::network::Network::ZERO;
    let loaded = Store::new(&mut *flash, 0..4096).load::<Head>(&mut learner.head);
    let kept = saved == Ok(1) && cut.is_err() && loaded == Ok(Some(1));
    Say.text("right after the power failed: ").number(right(learner)).text(" of 200").line();

    Say.text("instructions per inference: ").number(instructions).line();
    Say.text("bytes of stack: ").number(stack).line();
    Say.text("bytes of workspace: ").number(size_of::<Learner>() as u32).line();
    exit(i32::from(!kept))
}

/// How many of the samples to judge by it reads rightly.
fn right(learner: &mut Learner) -> u32 {
    samples().1.map(|sample| u32::from(learner.read(&sample) == usize::from(sample.label))).sum()
}
