//! A workload some times over, for callgrind to count: `benches/instructions/check` runs it.
//!
//! `instructions NAME RUNS`

// Each program that uses it uses a part.
#[allow(dead_code)]
#[path = "../work/mod.rs"]
mod work;

use std::hint::black_box;

use work::{Visitor, Work};

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(name), Some(Ok(runs))) = (args.next(), args.next().map(|runs| runs.parse())) else {
        panic!("instructions NAME RUNS")
    };
    let mut one = One { name, runs, found: false };
    work::small(&mut one);
    assert!(one.found, "there is no workload {}", one.name);
}

struct One {
    name: String,
    runs: usize,
    found: bool,
}

impl Visitor for One {
    fn visit<W: Work>(&mut self, name: &'static str, work: impl FnOnce() -> W) {
        if name == self.name {
            let mut work = work();
            work.check(name);
            work.restart();
            counted(&mut work, self.runs);
            self.found = true;
        }
    }
}

/// All that callgrind counts.
#[inline(never)]
fn counted<W: Work>(work: &mut W, runs: usize) {
    (0..runs).for_each(|_| work.run(|y| _ = black_box(y)));
}
