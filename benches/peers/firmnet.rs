//! firmnet, which is told as the others are: the workloads are those of the criterion bench.

mod protocol;
// Each program that uses it uses a part.
#[allow(dead_code)]
#[path = "../work/mod.rs"]
mod work;

use std::time::Duration;

use firmnet::kernel::{Formula, Vector, each};
use protocol::{Runs, Timed, serve};
use work::numbers::numbers;
use work::{Visitor, Work};

fn main() {
    serve(|name| {
        if name == "peak" {
            let (x, mut y) = (numbers(NUMBERS, 1), vec![0.0; NUMBERS]);
            let run = move || {
                each([&mut y], [&x], &Chains);
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

const NUMBERS: usize = 1024;
const CHAINS: usize = 12;
const LINKS: usize = 32;

/// As many multiplications and additions as the processor can do: in chains that do not wait for one another, with nothing to fetch.
struct Chains;

impl Formula<1, 1> for Chains {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [x]: [V; 1]) -> [V; 1] {
        let mut chains: [V; CHAINS] = std::array::from_fn(|i| V::splat(i as f32));
        for _ in 0..LINKS {
            for chain in &mut chains {
                *chain = chain.mul_add(x, x);
            }
        }
        let [first, rest @ ..] = chains;
        [rest.into_iter().fold(first, |sum, chain| sum + chain)]
    }
}
