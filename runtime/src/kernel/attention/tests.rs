//! Against plain loops in f64.

use super::*;
use crate::kernel::dispatch::forced;
use std::vec;
use std::vec::Vec;

fn numbers(len: usize, k: usize) -> Vec<f32> {
    (0..len).map(|i| ((i * 37 + k * 11) % 101) as f32 / 40.0 - 1.25).collect()
}

/// Against plain loops in double precision: ragged batches, more queries than are compared at a time, and with some weights left
/// out.
#[test]
fn ragged_batches() {
    let lengths: &[&[[usize; 2]]] =
        &[&[[1, 1]], &[[3, 5], [1, 2], [4, 4]], &[[40, 70], [33, 33], [2, 9]], &[[70, 3]]];
    forced::on_each(|| {
        for &lengths in lengths {
            for (heads, size) in [(1, 1), (2, 3), (3, 16)] {
                for causal in [false, true] {
                    if causal && lengths.iter().any(|[queries, keys]| queries > keys) {
                        continue;
                    }
                    for dropout in [0.0, 1.25] {
                        check(lengths, heads, size, causal, dropout);
                    }
                }
            }
        }
    });
}

fn check(lengths: &[[usize; 2]], heads: usize, size: usize, causal: bool, dropout: f32) {
    let [queries, keys] = [0, 1].map(|i| lengths.iter().map(|of| of[i]).max().unwrap());
    let n = lengths.len();
    let shape = Attention { n, heads, size, queries, keys, causal };
    let [rows, columns] = [0, 1].map(|i| lengths.iter().map(|of| of[i]).sum::<usize>());
    let width = heads * size;
    let (q, k, v) =
        (numbers(rows * width, 1), numbers(columns * width, 2), numbers(columns * width, 3));
    let factors: Vec<f32> = (0..n * shape.weights_len())
        .map(|i| if i * 7 % 5 == 0 { 0.0 } else { dropout.max(1.0) })
        .collect();
    let (mut y, mut scratch) = (vec![9.0; rows * width], vec![9.0; n * shape.scratch_len_kept()]);
    let mut kept = factors.clone();
    let steps = |i: usize| lengths[i];
    if dropout == 0.0 {
        let mut used = vec![9.0; y.len()];
        let mut in_use = vec![f32::NAN; n * shape.scratch_len()];
        attention(shape, steps, [&q, &k, &v], &mut in_use, &mut used);
        let weights = Weights { kept: &mut kept, dropout };
        attention_kept(shape, steps, [&q, &k, &v], weights, &mut scratch, &mut y);
        let close = |(y, used): (&f32, &f32)| (y - used).abs() <= 1e-6;
        assert!(y.iter().zip(&used).all(close), "in training: {y:?}, in use: {used:?}");
    } else {
        let weights = Weights { kept: &mut kept, dropout };
        attention_kept(shape, steps, [&q, &k, &v], weights, &mut scratch, &mut y);
    }
    let dy = numbers(y.len(), 4);
    let [mut dq, mut dk, mut dv] = [rows, columns, columns].map(|len| vec![9.0; len * width]);
    let weights = Weights { kept: &mut kept, dropout };
    let to = [&mut dq[..], &mut dk, &mut dv];
    attention_backward(shape, steps, [&q, &k, &v], weights, &dy, &mut scratch, to);

    let scale = 1.0 / (size as f64).sqrt();
    let (mut row, mut column) = (0, 0);
    let [mut ey, mut eq] = [0; 2].map(|_| vec![0.0; rows * width]);
    let [mut ek, mut ev] = [0; 2].map(|_| vec![0.0; columns * width]);
    let at = |x: &[f32], row: usize, c: usize| f64::from(x[row * width + c]);
    for (i, &[queries, keys]) in lengths.iter().enumerate() {
        for head in 0..heads {
            let of = |c: usize| head * size + c;
            for t in 0..queries {
                let sees = if causal { keys - queries + t + 1 } else { keys };
                let product = |x: &[f32], row: usize, y: &[f32], s: usize| -> f64 {
                    (0..size).map(|c| at(x, row, of(c)) * at(y, column + s, of(c))).sum()
                };
                let e: Vec<f64> =
                    (0..sees).map(|s| (scale * product(&q, row + t, &k, s)).exp()).collect();
                let total: f64 = e.iter().sum();
                let factor = |s: usize| {
                    let at = i * shape.weights_len() + (head * queries + t) * keys + s;
                    if dropout == 0.0 { 1.0 } else { f64::from(factors[at]) }
                };
                let da: Vec<f64> =
                    (0..sees).map(|s| factor(s) * product(&dy, row + t, &v, s)).collect();
                let mean: f64 = (0..sees).map(|s| e[s] / total * da[s]).sum();
                for s in 0..sees {
                    let a = e[s] / total;
                    let ds = a * (da[s] - mean) * scale;
                    for c in 0..size {
                        let (to, from) = ((row + t) * width + of(c), (column + s) * width + of(c));
                        ey[to] += a * factor(s) * f64::from(v[from]);
                        ev[from] += a * factor(s) * f64::from(dy[to]);
                        eq[to] += ds * f64::from(k[from]);
                        ek[from] += ds * f64::from(q[to]);
                    }
                }
            }
        }
        (row, column) = (row + queries, column + keys);
    }
    for (found, expected) in [(y, ey), (dq, eq), (dk, ek), (dv, ev)] {
        let size = expected.iter().fold(1.0_f64, |size, x| size.max(x.abs()));
        for (found, expected) in found.iter().zip(expected) {
            let near = (f64::from(*found) - expected).abs() <= 2e-6 * size;
            assert!(near, "{found} is not {expected}, {shape:?} {lengths:?} {dropout}");
        }
    }
}

/// A causal query gets what it gets alone, from the keys that it sees: a sequence may come step by step.
#[test]
fn a_query_gets_what_it_gets_alone() {
    let (heads, size, steps) = (2, 20, 300);
    let width = heads * size;
    let [q, k, v] = [1, 2, 3].map(|i| numbers(steps * width, i));
    let shape = Attention { n: 1, heads, size, queries: steps, keys: steps, causal: true };
    let attend = |[queries, keys]: [usize; 2], q: &[f32]| {
        let mut scratch = vec![f32::NAN; shape.scratch_len()];
        let mut y = vec![9.0; queries * width];
        let read = [q, &k[..keys * width], &v[..keys * width]];
        attention(shape, |_| [queries, keys], read, &mut scratch, &mut y);
        y
    };
    forced::on_each(|| {
        let all = attend([steps; 2], &q);
        for step in (0..steps).step_by(7) {
            let at = step * width..(step + 1) * width;
            assert_eq!(attend([1, step + 1], &q[at.clone()]), all[at], "step {step}");
        }
    });
}
