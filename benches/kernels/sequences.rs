//! What looks at sequences: attention, recurrent layers and layer normalisation.

use criterion::Criterion;
use firmnet_runtime::kernel::{
    Attention, Cell, Groups, Recurrence, RecurrentForward, RowsMut, Steps, Weights, attention,
    attention_backward, attention_kept, block, normalise, normalise_backward, recurrent,
};

use crate::{numbers, time, wide};

/// Layer normalisation of 64 steps of 64 numbers, and of 512.
pub fn layer_norms(c: &mut Criterion) {
    let mut group = c.benchmark_group("layer norm");
    for len in [64, 512] {
        let shape = Groups { groups: 1, channels: len, plane: 1, eps: 1e-5, centred: true };
        let (x, dy) = (numbers(64 * len, 1), numbers(64 * len, 2));
        let (weight, bias) = (numbers(len, 3), numbers(len, 4));
        let mean = |x: &[f64]| x.iter().sum::<f64>() / len as f64;
        // The numbers of a row, normalised, and by what they were divided.
        let normal = |x: &[f64]| -> (Vec<f64>, f64) {
            let centre = mean(x);
            let squares: Vec<_> = x.iter().map(|x| (x - centre).powi(2)).collect();
            let deviation = (mean(&squares) + f64::from(shape.eps)).sqrt();
            (x.iter().map(|x| (x - centre) / deviation).collect(), deviation)
        };
        let forward = |y: &mut [f64]| {
            for (x, y) in wide(&x).chunks(len).zip(y.chunks_mut(len)) {
                let scaled = normal(x).0.into_iter().zip(wide(&weight)).zip(wide(&bias));
                y.iter_mut()
                    .zip(scaled)
                    .for_each(|(y, ((x, weight), bias))| *y = x * weight + bias);
            }
        };
        time(&mut group, &format!("forward {len}"), x.len(), &dy, forward, |y| {
            normalise(shape, Some(&x), &weight, &bias, y);
        });
        let backward = |dx: &mut [f64]| {
            let (x, dy) = (wide(&x), wide(&dy));
            for ((x, dy), dx) in x.chunks(len).zip(dy.chunks(len)).zip(dx.chunks_mut(len)) {
                let (x, deviation) = normal(x);
                let g: Vec<_> =
                    dy.iter().zip(wide(&weight)).map(|(dy, weight)| dy * weight).collect();
                let along: Vec<_> = x.iter().zip(&g).map(|(x, g)| x * g).collect();
                for ((dx, x), g_) in dx.iter_mut().zip(&x).zip(&g) {
                    *dx += (g_ - mean(&g) - x * mean(&along)) / deviation;
                }
            }
        };
        time(&mut group, &format!("backward {len}"), x.len(), &x, backward, |dx| {
            normalise_backward(shape, &weight, &x, Some(&dy), dx);
        });
    }
}

/// Four heads of 16 numbers that look at 64 steps, and at 256.
pub fn attentions(c: &mut Criterion) {
    let mut group = c.benchmark_group("attention");
    for (steps, causal) in [(64, false), (64, true), (256, false)] {
        let (heads, size) = (4, 16);
        let shape = Attention { n: 1, heads, size, queries: steps, keys: steps, causal };
        let width = heads * size;
        let [q, k, v, dy] = [1, 2, 3, 4].map(|seed| numbers(steps * width, seed));
        // Of a query in a head: what it looks at each key with, and how much each key gives.
        let looks = |head: usize, query: usize| -> Vec<f64> {
            let keys = if causal { query + 1 } else { steps };
            let of = |data: &[f32], step: usize| wide(&data[step * width + head * size..][..size]);
            let like = |key: usize| -> f64 {
                let product: f64 = of(&q, query).iter().zip(of(&k, key)).map(|(q, k)| q * k).sum();
                (product / (size as f64).sqrt()).exp()
            };
            let likes: Vec<_> = (0..keys).map(like).collect();
            let total: f64 = likes.iter().sum();
            likes.iter().map(|like| like / total).collect()
        };
        let forward = |y: &mut [f64]| {
            y.fill(0.0);
            for (head, query) in (0..heads).flat_map(|head| (0..steps).map(move |q| (head, q))) {
                for (key, share) in looks(head, query).into_iter().enumerate() {
                    for i in head * size..(head + 1) * size {
                        y[query * width + i] += share * f64::from(v[key * width + i]);
                    }
                }
            }
        };
        let mut scratch = vec![0.0; shape.scratch_len()];
        let work = 4 * shape.weights_len() * size;
        let name = if causal { format!("{steps} causal") } else { steps.to_string() };
        time(&mut group, &format!("{name} forward"), work, &dy, forward, |y| {
            attention(shape, |_| [steps; 2], [&q, &k, &v], &mut scratch, y);
        });

        // What goes forward is done again each time, for backward overwrites what it kept.
        let gradients = |by: &mut [f64]| {
            by.fill(0.0);
            let (by_q, rest) = by.split_at_mut(q.len());
            let (by_k, by_v) = rest.split_at_mut(k.len());
            for (head, query) in (0..heads).flat_map(|head| (0..steps).map(move |q| (head, q))) {
                let shares = looks(head, query);
                let at = |step: usize| step * width + head * size..step * width + (head + 1) * size;
                let dy = wide(&dy[at(query)]);
                let by_share = |key: usize| -> f64 {
                    dy.iter().zip(wide(&v[at(key)])).map(|(dy, v)| dy * v).sum()
                };
                let mean: f64 = shares.iter().enumerate().map(|(key, s)| s * by_share(key)).sum();
                for (key, share) in shares.iter().enumerate() {
                    let by_score = share * (by_share(key) - mean) / (size as f64).sqrt();
                    for ((q_, k_), dy) in at(query).zip(at(key)).zip(&dy) {
                        by_q[q_] += by_score * f64::from(k[k_]);
                        by_k[k_] += by_score * f64::from(q[q_]);
                        by_v[k_] += share * dy;
                    }
                }
            }
        };
        let mut scratch = vec![0.0; shape.scratch_len_kept()];
        let (mut kept, mut y) = (vec![0.0; shape.weights_len()], vec![0.0; dy.len()]);
        let all = vec![0.0; 3 * q.len()];
        time(&mut group, &format!("{name} there and back"), 3 * work, &all, gradients, |by| {
            let weights = Weights { kept: &mut kept, dropout: 0.0 };
            attention_kept(shape, |_| [steps; 2], [&q, &k, &v], weights, &mut scratch, &mut y);
            let (by_q, rest) = by.split_at_mut(q.len());
            let (by_k, by_v) = rest.split_at_mut(k.len());
            let (by, weights) = ([by_q, by_k, by_v], Weights { kept: &mut kept, dropout: 0.0 });
            attention_backward(shape, |_| [steps; 2], [&q, &k, &v], weights, &dy, &mut scratch, by);
        });
    }
}

/// Layers over 30 steps of 64 numbers, and over one sample of audio.
pub fn recurrences(c: &mut Criterion) {
    let mut group = c.benchmark_group("recurrent");
    for (name, cell, inputs, hidden, steps) in [
        ("LSTM 64 to 128, 30 steps", Cell::Lstm, 64, 128, 30),
        ("GRU 64 to 128, 30 steps", Cell::Gru, 64, 128, 30),
        ("LSTM 1 to 20, a step", Cell::Lstm, 1, 20, 1),
        ("GRU 1 to 20, a step", Cell::Gru, 1, 20, 1),
    ] {
        let rows = cell.gates() * hidden;
        let small = |len, seed| {
            let mut small = numbers(len, seed);
            small.iter_mut().for_each(|x| *x /= 8.0);
            small
        };
        let (weight_ih, weight_hh) = (small(rows * inputs, 1), small(rows * hidden, 2));
        let (bias_ih, bias_hh) = (small(rows, 3), small(rows, 4));
        let x = numbers(steps * inputs, 5);
        let layer = Recurrence {
            cell,
            inputs,
            hidden,
            reverse: false,
            weight_ih: &weight_ih,
            weight_hh: &weight_hh,
            bias_ih: &bias_ih,
            bias_hh: &bias_hh,
            packed: &[],
        };
        let plain = |y: &mut [f64]| plainly(&layer, &x, y);
        let (mut h, mut c) = (vec![0.0; hidden], vec![0.0; hidden]);
        let mut gates = vec![0.0; block(steps) * cell.width() * hidden];
        let work = 2 * steps * rows * (inputs + hidden);
        time(&mut group, name, work, &vec![0.0; steps * hidden], plain, |y| {
            h.fill(0.0);
            c.fill(0.0);
            let each = |data| RowsMut { data, stride: hidden, offset: 0 };
            let none = RowsMut { data: &mut [], stride: 0, offset: 0 };
            let call = RecurrentForward {
                x: &x,
                h: each(&mut h),
                c: if cell.has_c() { each(&mut c) } else { none },
                y: Some(each(y)),
                gates: &mut gates,
                kept: false,
                cs: &mut [],
            };
            recurrent(&layer, Steps { n: 1, of: &|_| steps }, call);
        });
    }
}

/// The formulas of PyTorch's `LSTM` and `GRU`, from a state of zeros.
fn plainly(layer: &Recurrence<'_>, x: &[f32], y: &mut [f64]) {
    let (inputs, hidden) = (layer.inputs, layer.hidden);
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let dot = |weight: &[f32], v: &[f64], bias: &[f32], row: usize| -> f64 {
        let products = wide(&weight[row * v.len()..][..v.len()]).into_iter().zip(v);
        products.map(|(w, v)| w * v).sum::<f64>() + f64::from(bias[row])
    };
    let (mut h, mut c) = (vec![0.0; hidden], vec![0.0; hidden]);
    for (x, y) in wide(x).chunks(inputs).zip(y.chunks_mut(hidden)) {
        let from_x = |row| dot(layer.weight_ih, x, layer.bias_ih, row);
        let from_h = |row| dot(layer.weight_hh, &h, layer.bias_hh, row);
        let sum = |gate: usize, unit| from_x(gate * hidden + unit) + from_h(gate * hidden + unit);
        for (unit, y) in y.iter_mut().enumerate() {
            *y = if layer.cell == Cell::Lstm {
                let [i, f, g, o] = [0, 1, 2, 3].map(|gate| sum(gate, unit));
                c[unit] = sigmoid(f) * c[unit] + sigmoid(i) * g.tanh();
                sigmoid(o) * c[unit].tanh()
            } else {
                let (r, z) = (sigmoid(sum(0, unit)), sigmoid(sum(1, unit)));
                let third = 2 * hidden + unit;
                let new = (from_x(third) + r * from_h(third)).tanh();
                (1.0 - z) * new + z * h[unit]
            };
        }
        h.copy_from_slice(y);
    }
}
