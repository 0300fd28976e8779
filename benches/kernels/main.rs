//! Every kernel against the clock, in floating-point operations or numbers a second; each result is compared once with plain loops in
//! `f64` before it is timed.
//!
//! `RAYON_NUM_THREADS=1 cargo bench --bench kernels -- [FILTER]` for one core, `FIRMNET_ISA=avx2` for another instruction set.

mod convolution;
mod elementwise;
mod peak;
mod planes;
mod products;
mod sequences;

use std::time::Instant;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Throughput, criterion_group, criterion_main};
use firmnet_runtime::bits::Lines;

criterion_group!(
    kernels,
    products::gemm,
    products::vectors,
    convolution::convolutions,
    planes::pools,
    planes::norms,
    sequences::layer_norms,
    sequences::attentions,
    sequences::recurrences,
    elementwise::activations,
    elementwise::optimizers,
);
criterion_main!(kernels);

/// Numbers in −1 .. 1 that look random and are the same each time, on a cache line as all of a network's are.
fn numbers(len: usize, seed: u32) -> Lines {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut numbers = Lines::zeros(len);
    for x in numbers.iter_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *x = (state >> 8) as f32 / 8_388_608.0 - 1.0;
    }
    numbers
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

/// Times `run(y)`, which is `work` operations (or numbers), after its first result has been compared with `expected`, which is given what
/// `y` holds before. Gives how many of them a second were done at best; 0 where nobody asked for it.
fn time(
    group: &mut BenchmarkGroup<WallTime>,
    name: &str,
    work: usize,
    y: &[f32],
    expected: impl Fn(&mut [f64]),
    mut run: impl FnMut(&mut [f32]),
) -> f64 {
    let (mut checked, mut best) = (false, 0.0_f64);
    group.throughput(Throughput::Elements(work as u64));
    group.bench_function(name, |bencher| {
        let mut out = Lines::zeros(y.len());
        out.copy_from_slice(y);
        if !checked {
            let mut plain = wide(y);
            expected(&mut plain);
            run(&mut out);
            let scale = plain.iter().fold(1.0_f64, |scale, v| scale.max(v.abs()));
            for (i, (found, plain)) in out.iter().zip(&plain).enumerate() {
                let error = (f64::from(*found) - plain).abs();
                assert!(error <= 1e-5 * scale, "{name}[{i}]: {found}, not {plain}");
            }
            checked = true;
        }
        bencher.iter_custom(|runs| {
            let start = Instant::now();
            (0..runs).for_each(|_| run(std::hint::black_box(&mut out)));
            let taken = start.elapsed();
            best = best.max(work as f64 * runs as f64 / taken.as_secs_f64());
            taken
        });
    });
    best
}
