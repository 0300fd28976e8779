//! Backward: step by step from the last to the first, then the gradients of the weights from all steps at once.

use super::super::dispatch::{Kernel, dispatch};
use super::super::parallel::{estimate, tasks};
use super::super::{Matrix, Vector, gemm};
use super::cell::States;
use super::product::Pair;
use super::transposed::add_transposed;
use super::{CHUNK, Cell, ChunkSteps, Recurrence, Rows, RowsMut, SharedRows, Steps};

/// What [`recurrent_backward`] reads and writes. A step or a sample has one row in each.
pub struct RecurrentBackward<'a> {
    /// What came in: `[inputs]` for each step.
    pub x: &'a [f32],
    /// `h` after each step.
    pub y: Rows<'a>,
    /// `h` before the first step of each sample, if that was not zero.
    pub h0: Option<Rows<'a>>,
    /// `c` before the first step of each sample, if that was not zero.
    pub c0: Option<Rows<'a>>,
    /// What forward kept of each step, to be overwritten with the gradient by what goes into the gates.
    pub gates: &'a mut [f32],
    /// `c` after each step; empty unless the cell has it.
    pub cs: &'a [f32],
    /// The gradient by `h` after each step.
    pub dy: Option<Rows<'a>>,
    /// The gradient by `h` of each sample: by that after the last step, and then by that before the first.
    pub dh: RowsMut<'a>,
    /// The gradient by `c` of each sample, as `dh`; empty rows unless the cell has it.
    pub dc: RowsMut<'a>,
    /// Room for `[hidden]` for each step.
    pub before: &'a mut [f32],
    /// The gradient by `x`, to be added to.
    pub dx: Option<&'a mut [f32]>,
}

/// The gradient by the parameters, to be added to.
pub struct RecurrentGradients<'a> {
    /// By `W`.
    pub weight_ih: &'a mut [f32],
    /// By `W′`.
    pub weight_hh: &'a mut [f32],
    /// By `b`, or empty.
    pub bias_ih: &'a mut [f32],
    /// By `b′`, or empty.
    pub bias_hh: &'a mut [f32],
}

/// Adds to `dx` and `gradients` what follows from the gradients by the outputs and by the last state of each sequence.
///
/// # Panics
/// When the sizes do not fit.
pub fn recurrent_backward(
    layer: &Recurrence<'_>,
    steps: Steps<'_>,
    call: RecurrentBackward<'_>,
    gradients: RecurrentGradients<'_>,
) {
    layer.check();
    let RecurrentBackward { x, y, h0, c0, gates, cs, dy, mut dh, mut dc, before, dx } = call;
    let (hidden, inputs, width) = (layer.hidden, layer.inputs, layer.width());
    let total = steps.total();
    let gates = &mut gates[..total * width];
    let before = &mut before[..total * hidden];
    {
        let gates = RowsMut { data: &mut *gates, stride: width, offset: 0 }.shared();
        let before = RowsMut { data: &mut *before, stride: hidden, offset: 0 }.shared();
        let (dh, dc) = (dh.shared(), dc.shared());
        let flops = estimate([2, total, layer.gates(), hidden]);
        tasks(flops, steps.n.div_ceil(CHUNK), |i| {
            let chunk = steps.chunk(i);
            let (sample, n, step, len) = (chunk.sample, chunk.n, chunk.step, chunk.total());
            let part = |rows: &SharedRows| {
                // SAFETY: this task alone has the steps of its samples; all is borrowed until the last task is done.
                unsafe { rows.part(step, len) }
            };
            // SAFETY: the same, for the samples.
            let (dh, dc) = unsafe { (dh.part(sample, n), dc.part(sample, n)) };
            let cs = Rows { data: cs, stride: hidden, offset: 0 };
            dispatch(Chunk {
                layer,
                y: y.part(step, len),
                h0: h0.map(|h0| h0.part(sample, n)),
                c0: c0.map(|c0| c0.part(sample, n)),
                gates: part(&gates),
                cs: cs.part(step, len),
                dy: dy.map(|dy| dy.part(step, len)),
                dh,
                dc,
                before: part(&before),
                chunk,
            });
        });
    }

    // Of a GRU, what goes into the last gate from `h` stands behind what goes into it from `x`.
    let dg = Matrix::strided(gates, total, layer.gates(), width, 1);
    gemm(dg.t(), Matrix::new(x, total, inputs), 1.0, gradients.weight_ih, inputs);
    sum_columns(gates, width, gradients.bias_ih);
    let before = Matrix::new(before, total, hidden);
    for (rows, from) in layer.recurrent_parts() {
        if total > 0 && !rows.is_empty() {
            let dg = Matrix::strided(&gates[from..], total, rows.len(), width, 1);
            let to = &mut gradients.weight_hh[rows.start * hidden..rows.end * hidden];
            gemm(dg.t(), before, 1.0, to, hidden);
            if !gradients.bias_hh.is_empty() {
                sum_columns(&gates[from..], width, &mut gradients.bias_hh[rows]);
            }
        }
    }
    if let Some(dx) = dx {
        let weight = Matrix::new(layer.weight_ih, layer.gates(), inputs);
        gemm(dg, weight, 1.0, dx, inputs);
    }
}

/// `sum[j] += Σ over i: x[i · stride + j]`.
fn sum_columns(x: &[f32], stride: usize, sum: &mut [f32]) {
    if !sum.is_empty() {
        for x in x.chunks(stride) {
            for (sum, x) in sum.iter_mut().zip(x) {
                *sum += x;
            }
        }
    }
}

/// The samples of one task.
struct Chunk<'a> {
    layer: &'a Recurrence<'a>,
    y: Rows<'a>,
    h0: Option<Rows<'a>>,
    c0: Option<Rows<'a>>,
    gates: RowsMut<'a>,
    cs: Rows<'a>,
    dy: Option<Rows<'a>>,
    dh: RowsMut<'a>,
    dc: RowsMut<'a>,
    before: RowsMut<'a>,
    chunk: ChunkSteps,
}

impl Kernel for Chunk<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        for time in (0..self.chunk.most()).rev() {
            self.step::<V>(time);
        }
    }
}

impl Chunk<'_> {
    /// Every sample that has a step at `time` takes it back.
    #[inline(always)]
    fn step<V: Vector>(&mut self, time: usize) {
        let (hidden, has_c) = (self.layer.hidden, matches!(self.layer.cell, Cell::Lstm));
        let mut pairs: [Pair; CHUNK] = [(0, 0); CHUNK];
        let mut count = 0;
        for i in (0..self.chunk.n).filter(|&i| time < self.chunk.len[i]) {
            let (first, len) = (self.chunk.first[i], self.chunk.len[i]);
            let step = first + self.layer.position(time, len);
            let (h_before, c_before) = match time.checked_sub(1) {
                Some(earlier) => {
                    let earlier = first + self.layer.position(earlier, len);
                    (Some(self.y.row(earlier, hidden)), has_c.then(|| self.cs.row(earlier, hidden)))
                }
                None => (self.h0.map(|h0| h0.row(i, hidden)), self.c0.map(|c0| c0.row(i, hidden))),
            };
            let c = if has_c { self.cs.row(step, hidden) } else { &[] };
            let state = States { h_before, h: self.y.row(step, hidden), c_before, c };
            let gates = self.gates.row(step, self.layer.width());
            let dy = self.dy.map(|dy| dy.row(step, hidden));
            let dc = if has_c { self.dc.row(i, hidden) } else { &mut [] };
            self.layer.cell.step_back::<V>(gates, state, dy, self.dh.row(i, hidden), dc);
            let before = self.before.row(step, hidden);
            match h_before {
                Some(h) => before.copy_from_slice(h),
                None => before.fill(0.0),
            }
            pairs[count] = (step * self.gates.stride, i * self.dh.stride + self.dh.offset);
            count += 1;
        }
        for (rows, from) in self.layer.recurrent_parts() {
            if !rows.is_empty() {
                let pairs = pairs.map(|(gates, dh)| (gates + from, dh));
                let weight = &self.layer.weight_hh[rows.start * hidden..rows.end * hidden];
                add_transposed::<V>(
                    weight,
                    rows.len(),
                    hidden,
                    self.gates.data,
                    self.dh.data,
                    &pairs[..count],
                );
            }
        }
    }
}
