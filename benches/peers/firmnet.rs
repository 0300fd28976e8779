//! firmnet, which is told as the others are: the workloads are those of the criterion bench.

#[path = "../kernels/peak.rs"]
mod peak;
mod protocol;
// Each program that uses it uses a part.
#[allow(dead_code)]
#[path = "../work/mod.rs"]
mod work;

use std::time::Duration;

use protocol::{Runs, Timed, serve};
use work::numbers::numbers;
use work::{Visitor, Work};

fn main() {
    serve(|name| {
        if name == "peak" {
            let (x, mut y) = (numbers(peak::NUMBERS, 1), vec![0.0; peak::NUMBERS]);
            let run = move || {
                peak::run(&x, &mut y);
                vec![y[0]]
            };
            return Some(Box::new(Runs { checked: 1, run }));
        }
        let mut wanted = Wanted { name, found: None };
        work::small(&mut wanted);
        work::large(&mut wanted);
        wanted.found
    });
}

/// The workload `name`, when it has come by.
struct Wanted<'a> {
    name: &'a str,
    found: Option<Box<dyn Timed>>,
}

impl Visitor for Wanted<'_> {
    fn visit<W: Work + 'static>(&mut self, name: &'static str, work: impl FnOnce() -> W) {
        if name == self.name {
            self.found = Some(Box::new(Checked(work())));
        }
    }
}

struct Checked<W>(W);

impl<W: Work> Timed for Checked<W> {
    fn first(&mut self) -> Vec<f32> {
        self.0.first()
    }

    fn time(&mut self, runs: u64) -> Duration {
        self.0.time(runs)
    }
}
