//! Whole networks against the clock: a forward pass, a training step, a sample of audio. What each gives is compared with PyTorch's answer
//! (`work/expected.txt`) before it is timed.
//!
//! `RAYON_NUM_THREADS=1 cargo bench --bench workloads -- [FILTER]` for one core, `FIRMNET_ISA=avx2` for another instruction set.

mod work;

use criterion::Criterion;
use work::{Visitor, Work};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    work::small(&mut Clock(&mut criterion));
    work::large(&mut Clock(&mut criterion));
    criterion.final_summary();
}

struct Clock<'a>(&'a mut Criterion);

impl Visitor for Clock<'_> {
    fn visit<W: Work>(&mut self, name: &'static str, work: impl FnOnce() -> W) {
        let mut make = Some(work);
        let mut made = None;
        self.0.bench_function(name, |bencher| {
            let work = made.get_or_insert_with(|| {
                let mut work = make.take().expect("made once")();
                work.check(name);
                work
            });
            bencher.iter_custom(|runs| work.time(runs));
        });
    }
}
