//! Against plain loops in `f64`, on awkward sizes and lengths; and the promises about bits.

use super::*;
use crate::kernel::dispatch::forced;
use std::vec;
use std::vec::Vec;

/// Numbers that look random and are the same each time.
fn numbers(len: usize, seed: u32, scale: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let draw = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as f32 / 8_388_608.0 - 1.0) * scale
    };
    (0..len).map(draw).collect()
}

const CELLS: [Cell; 4] = [Cell::Lstm, Cell::Gru, Cell::Tanh, Cell::Relu];

/// A layer, a batch for it, and everything that a pass reads.
struct Case {
    cell: Cell,
    inputs: usize,
    hidden: usize,
    reverse: bool,
    lens: Vec<usize>,
    /// `W`, `W′`, `b`, `b′`.
    parameters: [Vec<f32>; 4],
    x: Vec<f32>,
    h0: Vec<f32>,
    c0: Vec<f32>,
}

impl Case {
    fn new(cell: Cell, inputs: usize, hidden: usize, reverse: bool, lens: &[usize]) -> Case {
        let (rows, n, steps) = (cell.gates() * hidden, lens.len(), lens.iter().sum::<usize>());
        let scale = 1.0 / (hidden.max(inputs) as f32).sqrt();
        Case {
            cell,
            inputs,
            hidden,
            reverse,
            lens: lens.to_vec(),
            parameters: [
                numbers(rows * inputs, 1, scale),
                numbers(rows * hidden, 2, scale),
                numbers(rows, 3, scale),
                numbers(rows, 4, scale),
            ],
            x: numbers(steps * inputs, 5, 1.5),
            h0: numbers(n * hidden, 6, 0.9),
            c0: numbers(n * hidden, 7, 0.9),
        }
    }

    fn layer(&self) -> Recurrence<'_> {
        let [weight_ih, weight_hh, bias_ih, bias_hh] = &self.parameters;
        Recurrence {
            cell: self.cell,
            inputs: self.inputs,
            hidden: self.hidden,
            reverse: self.reverse,
            weight_ih,
            weight_hh,
            bias_ih,
            bias_hh,
            packed: &[],
        }
    }

    /// `h` after every step, `h` and `c` after the last, as the kernel has them, and has them with packed weights.
    fn forward(&self) -> [Vec<f32>; 3] {
        let layer = self.layer();
        let mut packed = vec![f32::NAN; layer.packed_len()];
        layer.pack(&mut packed);
        let found = self.forward_with(&layer);
        let with_packed = self.forward_with(&Recurrence { packed: &packed, ..layer });
        for (found, packed) in found.iter().flatten().zip(with_packed.iter().flatten()) {
            assert!((found - packed).abs() < 2e-6, "packed: {packed}, not {found}");
        }
        found
    }

    fn forward_with(&self, layer: &Recurrence<'_>) -> [Vec<f32>; 3] {
        let (h, n) = (self.hidden, self.lens.len());
        let most = self.lens.iter().max().map_or(0, |&most| most);
        let (mut y, mut gates) = (
            vec![f32::NAN; self.lens.iter().sum::<usize>() * h],
            vec![f32::NAN; n * block(most) * self.cell.width() * h],
        );
        let (mut h_n, mut c_n) = (self.h0.clone(), self.c0.clone());
        let steps = Steps { n, of: &|i| self.lens[i] };
        let call = RecurrentForward {
            x: &self.x,
            h: RowsMut { data: &mut h_n, stride: h, offset: 0 },
            c: RowsMut { data: &mut c_n, stride: h, offset: 0 },
            y: Some(RowsMut { data: &mut y, stride: h, offset: 0 }),
            gates: &mut gates,
            kept: false,
            cs: &mut [],
        };
        recurrent(layer, steps, call);
        [y, h_n, c_n]
    }

    /// `Σ wy · y + wh · h_n + wc · c_n` of this case, and its gradient by everything, in the order of `numbers_mut`.
    fn backward(&self, [wy, wh, wc]: [&[f32]; 3]) -> Vec<Vec<f32>> {
        let (h, n) = (self.hidden, self.lens.len());
        let total: usize = self.lens.iter().sum();
        let (mut y, mut gates) =
            (vec![f32::NAN; total * h], vec![f32::NAN; total * self.cell.width() * h]);
        let mut cs = vec![f32::NAN; if self.cell.has_c() { total * h } else { 0 }];
        let (mut h_n, mut c_n) = (self.h0.clone(), self.c0.clone());
        let steps = Steps { n, of: &|i| self.lens[i] };
        let call = RecurrentForward {
            x: &self.x,
            h: RowsMut { data: &mut h_n, stride: h, offset: 0 },
            c: RowsMut { data: &mut c_n, stride: h, offset: 0 },
            y: Some(RowsMut { data: &mut y, stride: h, offset: 0 }),
            gates: &mut gates,
            kept: true,
            cs: &mut cs,
        };
        recurrent(&self.layer(), steps, call);
        let [plain, ..] = self.forward();
        assert_eq!(plain, y, "as in training");

        let mut grads: Vec<Vec<f32>> = self.parameters.iter().map(|p| vec![0.5; p.len()]).collect();
        let (mut dx, mut dh, mut dc) = (vec![0.5; self.x.len()], wh.to_vec(), wc.to_vec());
        let mut before = vec![f32::NAN; total * h];
        let [weight_ih, weight_hh, bias_ih, bias_hh] = &mut grads[..] else { unreachable!() };
        let rows = |data| Rows { data, stride: h, offset: 0 };
        let call = RecurrentBackward {
            x: &self.x,
            y: rows(&y),
            h0: Some(rows(&self.h0)),
            c0: Some(rows(&self.c0)).filter(|_| self.cell.has_c()),
            gates: &mut gates,
            cs: &cs,
            dy: Some(rows(wy)),
            dh: RowsMut { data: &mut dh, stride: h, offset: 0 },
            dc: RowsMut { data: &mut dc, stride: h, offset: 0 },
            before: &mut before,
            dx: Some(&mut dx),
        };
        let gradients = RecurrentGradients { weight_ih, weight_hh, bias_ih, bias_hh };
        recurrent_backward(&self.layer(), steps, call, gradients);
        for grad in grads.iter_mut().chain([&mut dx]) {
            grad.iter_mut().for_each(|g| *g -= 0.5);
        }
        grads.extend([dx, dh]);
        if self.cell.has_c() {
            grads.push(dc);
        }
        grads
    }

    /// The same numbers by plain loops in `f64`: `h` after every step, `h` and `c` after the last.
    fn plainly(&self, all: &[Vec<f64>]) -> [Vec<f64>; 3] {
        let [wi, wh, bi, bh, x, h0, c0] = all else { unreachable!() };
        let (i_, h_) = (self.inputs, self.hidden);
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let mut y = vec![0.0; self.lens.iter().sum::<usize>() * h_];
        let (mut hs, mut cs) = (h0.clone(), c0.clone());
        let mut first = 0;
        for (n, &len) in self.lens.iter().enumerate() {
            let (h, c) = (&mut hs[n * h_..][..h_], &mut cs[n * h_..][..h_]);
            for time in 0..len {
                let at = first + if self.reverse { len - 1 - time } else { time };
                let dot = |w: &[f64], row: usize, v: &[f64]| -> f64 {
                    v.iter().zip(&w[row * v.len()..]).map(|(a, b)| a * b).sum()
                };
                let from_x = |r: usize| dot(wi, r, &x[at * i_..][..i_]) + bi[r];
                let old = h.to_vec();
                let from_h = |r: usize| dot(wh, r, &old) + bh[r];
                let sum = |r: usize| from_x(r) + from_h(r);
                for u in 0..h_ {
                    h[u] = match self.cell {
                        Cell::Lstm => {
                            let [i, f, g, o] = core::array::from_fn(|gate| sum(gate * h_ + u));
                            c[u] = sigmoid(f) * c[u] + sigmoid(i) * g.tanh();
                            sigmoid(o) * c[u].tanh()
                        }
                        Cell::Gru => {
                            let (r, z) = (sigmoid(sum(u)), sigmoid(sum(h_ + u)));
                            let n = (from_x(2 * h_ + u) + r * from_h(2 * h_ + u)).tanh();
                            (1.0 - z) * n + z * old[u]
                        }
                        Cell::Tanh => sum(u).tanh(),
                        Cell::Relu => sum(u).max(0.0),
                    };
                }
                y[at * h_..][..h_].copy_from_slice(h);
            }
            first += len;
        }
        [y, hs, cs]
    }

    fn numbers(&self) -> Vec<Vec<f64>> {
        let all = self.parameters.iter().chain([&self.x, &self.h0, &self.c0]);
        all.map(|v| v.iter().map(|&x| f64::from(x)).collect()).collect()
    }
}

fn close(found: &[f32], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(1e-3_f64, |scale, x| scale.max(x.abs()));
    for (i, (&f, &e)) in found.iter().zip(expected).enumerate() {
        assert!(
            (f64::from(f) - e).abs() <= tolerance * scale,
            "{what}: number {i} is {f}, not {e}"
        );
    }
}

const SIZES: [(usize, usize); 7] =
    [(1, 1), (3, 5), (20, 16), (7, 17), (33, 24), (16, 40), (65, 50)];
const LENGTHS: [&[usize]; 6] =
    [&[1], &[3], &[20], &[2, 5, 1], &[4; 9], &[1, 7, 3, 3, 18, 2, 2, 6, 1, 1, 9]];

#[test]
fn forward_is_the_formula() {
    forced::on_each(|| {
        for cell in CELLS {
            for (inputs, hidden) in SIZES {
                for lens in LENGTHS {
                    for reverse in [false, true] {
                        let case = Case::new(cell, inputs, hidden, reverse, lens);
                        let what = std::format!("{cell:?} {inputs} -> {hidden}, {lens:?}");
                        let [y, h, c] = case.plainly(&case.numbers());
                        let [found_y, found_h, found_c] = case.forward();
                        close(&found_y, &y, 1e-6, &what);
                        close(&found_h, &h, 1e-6, &what);
                        close(&found_c, &c, 2e-6, &what);
                    }
                }
            }
        }
    });
}

/// The gradient along random directions against differences of the formula in `f64`.
#[test]
fn backward_is_the_slope() {
    forced::on_each(|| {
        for cell in CELLS {
            for (inputs, hidden) in [(1, 1), (3, 5), (20, 16), (9, 35)] {
                for lens in [&[1][..], &[4], &[2, 5, 1], &[1, 7, 3, 3, 2, 2, 6, 1, 1, 9]] {
                    for reverse in [false, true] {
                        slope(&Case::new(cell, inputs, hidden, reverse, lens));
                    }
                }
            }
        }
    });
}

fn slope(case: &Case) {
    let (h, n) = (case.hidden, case.lens.len());
    let wy = numbers(case.lens.iter().sum::<usize>() * h, 11, 1.0);
    let wh = numbers(n * h, 12, 1.0);
    let wc = numbers(n * h, 13, if case.cell.has_c() { 1.0 } else { 0.0 });
    let gradients = case.backward([&wy, &wh, &wc]);
    let home = case.numbers();
    for (which, gradient) in gradients.iter().enumerate() {
        let along = numbers(gradient.len(), 20 + which as u32, 1.0);
        let value = |t: f64| {
            let mut moved = home.clone();
            moved[which].iter_mut().zip(&along).for_each(|(p, a)| *p += t * f64::from(*a));
            let found = case.plainly(&moved);
            let weighed = found.iter().zip([&wy, &wh, &wc]);
            weighed
                .map(|(v, w)| v.iter().zip(w).map(|(v, w)| v * f64::from(*w)).sum::<f64>())
                .sum::<f64>()
        };
        const STEP: f64 = 1e-5;
        let numeric = (value(STEP) - value(-STEP)) / (2.0 * STEP);
        let terms = gradient.iter().zip(&along).map(|(g, a)| f64::from(*g) * f64::from(*a));
        let (sum, size) =
            terms.fold((0.0, 0.0), |(sum, size): (f64, f64), x| (sum + x, size + x.abs()));
        assert!(
            (numeric - sum).abs() <= 2e-5 * size + 1e-7,
            "{:?} {} -> {h}, {:?}, reverse {}: gradient {which}: {numeric}, not {sum}",
            case.cell,
            case.inputs,
            case.lens,
            case.reverse
        );
    }
}

/// A sequence among others, alone, and step by step gives the same bits.
#[test]
fn bits_depend_on_the_sequence_alone() {
    forced::on_each(|| {
        for cell in CELLS {
            for (inputs, hidden) in SIZES {
                let lens = [1, 7, 3, 3, 18, 2, 2, 6, 1, 1, 40];
                let all = Case::new(cell, inputs, hidden, false, &lens);
                let [y, h, c] = all.forward();
                let mut first = 0;
                for (i, &len) in lens.iter().enumerate() {
                    let mut alone = Case::new(cell, inputs, hidden, false, &[len]);
                    alone.x = all.x[first * inputs..][..len * inputs].to_vec();
                    alone.h0 = all.h0[i * hidden..][..hidden].to_vec();
                    alone.c0 = all.c0[i * hidden..][..hidden].to_vec();
                    let found = alone.forward();
                    assert_eq!(found[0], y[first * hidden..][..len * hidden]);
                    assert_eq!(found[1], h[i * hidden..][..hidden]);
                    assert_eq!(found[2], c[i * hidden..][..hidden]);
                    for step in first..first + len {
                        let mut one = Case::new(cell, inputs, hidden, false, &[1]);
                        one.x = all.x[step * inputs..][..inputs].to_vec();
                        (one.h0, one.c0) = (alone.h0, alone.c0);
                        let [found, h, c] = one.forward();
                        assert_eq!(found, y[step * hidden..][..hidden], "{cell:?} {hidden}");
                        (alone.h0, alone.c0) = (h, c);
                    }
                    first += len;
                }
            }
        }
    });
}

/// A step that knows its sizes gives the bits of one that does not and of one in little code, and those are the bits of a sequence.
#[test]
fn bits_of_a_single_step() {
    type Step = fn(&Recurrence<'_>, &[f32], &mut [f32], &mut [f32], &mut [f32]);
    fn check<const G: usize, const I: usize, const H: usize>(cell: Cell) {
        let case = Case::new(cell, I, H, false, &[5]);
        let [y, h, c] = case.forward();
        let mut packed = vec![f32::NAN; case.layer().columns_len()];
        case.layer().pack_columns(&mut packed);
        let run = |step: Step, packed: &[f32]| {
            let layer = Recurrence { packed, ..case.layer() };
            let (mut ys, mut h, mut c) = (vec![], case.h0.clone(), case.c0.clone());
            for x in case.x.chunks_exact(I) {
                let mut y = [0.0; H];
                step(&layer, x, &mut h, &mut c, &mut y);
                ys.extend(y);
            }
            [ys, h, c]
        };
        assert_eq!(run(recurrent_step::<G, I, H>, &[]), [&y[..], &h, &c], "{cell:?} {I} -> {H}");
        assert_eq!(run(recurrent_step::<G, 0, 0>, &[]), [&y[..], &h, &c], "{cell:?} {I} -> {H}");
        let small: Step = |layer, x, h, c, y| {
            let mut gates = vec![f32::NAN; layer.width()];
            recurrent_step_small::<G>(layer, x, h, c, &mut gates);
            y.copy_from_slice(h);
        };
        assert_eq!(run(small, &[]), [&y[..], &h, &c], "{cell:?} {I} -> {H}");
        let [ys, ..] = run(recurrent_step::<G, I, H>, &packed);
        for (found, expected) in ys.iter().zip(&y) {
            assert!((found - expected).abs() < 1e-6, "{cell:?} {I} -> {H}: {found}, {expected}");
        }
    }
    forced::on_each(|| {
        check::<4, 1, 20>(Cell::Lstm);
        check::<4, 3, 18>(Cell::Lstm);
        check::<4, 20, 9>(Cell::Lstm);
        check::<4, 17, 16>(Cell::Lstm);
        check::<4, 2, 1>(Cell::Lstm);
        check::<3, 1, 20>(Cell::Gru);
        check::<3, 5, 9>(Cell::Gru);
        check::<0, 2, 20>(Cell::Tanh);
        check::<1, 7, 5>(Cell::Relu);
    });
}

#[test]
fn bits_do_not_depend_on_threads() {
    let lens: Vec<usize> = (0..40).map(|i| 5 + i * 7 % 23).collect();
    for cell in CELLS {
        let case = Case::new(cell, 64, 96, false, &lens);
        let ones = vec![1.0; lens.iter().sum::<usize>() * 96];
        let states = vec![1.0; 40 * 96];
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| (case.forward(), case.backward([&ones, &states, &states])))
        };
        assert_eq!(run(1), run(3), "{cell:?}");
    }
}
