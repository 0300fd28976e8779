//! How `compare.py` tells a program what to do; `worker.py` is told the same.
//!
//! `first NAME` is answered by what the first runs of a workload give, `time NAME SECONDS` by the median nanoseconds of a run in
//! that time; a workload that the peer does not have by `none`.

use std::collections::HashMap;
use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

/// Something that is timed.
pub trait Timed {
    /// What comes out of the first runs.
    fn first(&mut self) -> Vec<f32>;
    /// How long `runs` runs take.
    fn time(&mut self, runs: u64) -> Duration;
}

/// Something that gives what comes out.
pub struct Runs<F> {
    /// How many first runs are compared.
    pub checked: usize,
    /// A run.
    pub run: F,
}

impl<F: FnMut() -> Vec<f32>> Timed for Runs<F> {
    fn first(&mut self) -> Vec<f32> {
        (0..self.checked).flat_map(|_| (self.run)()).collect()
    }

    fn time(&mut self, runs: u64) -> Duration {
        let start = Instant::now();
        (0..runs).for_each(|_| _ = black_box((self.run)()));
        start.elapsed()
    }
}

/// Does what it is told until there is nothing more; `make` makes a workload.
pub fn serve(make: impl Fn(&str) -> Option<Box<dyn Timed>>) {
    let mut made = HashMap::new();
    for line in io::stdin().lines() {
        let line = line.expect("a pipe");
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["first", name] => match make(name) {
                Some(mut work) => {
                    let first: Vec<_> = work.first().iter().map(f32::to_string).collect();
                    println!("{}", first.join(" "));
                }
                None => println!("none"),
            },
            ["time", name, seconds] => {
                let seconds = Duration::from_secs_f64(seconds.parse().expect("seconds"));
                match made.entry(name.to_owned()).or_insert_with(|| make(name)) {
                    Some(work) => println!("{}", median(&mut **work, seconds)),
                    None => println!("none"),
                }
            }
            _ => panic!("{line}: `first NAME` or `time NAME SECONDS`"),
        }
    }
}

/// The median nanoseconds of a run, over samples of at least a millisecond.
fn median(work: &mut dyn Timed, seconds: Duration) -> f64 {
    let mut runs = 1;
    while work.time(runs) < Duration::from_millis(1) {
        runs *= 2;
    }
    let (mut samples, start) = (vec![], Instant::now());
    while samples.len() < 3 || start.elapsed() < seconds {
        samples.push(work.time(runs).as_nanos() as f64 / runs as f64);
    }
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
