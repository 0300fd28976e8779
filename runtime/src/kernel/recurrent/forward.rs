//! Forward: the inputs of many steps at once times `W`, then step by step the state of all samples times `W′`.

use super::super::Vector;
use super::super::dispatch::{Kernel, dispatch};
use super::super::parallel::{estimate, tasks};
use super::cell::At;
use super::product::Pair;
use super::step::plus_state;
use super::{CHUNK, Cell, ChunkSteps, PLACES, Recurrence, RowsMut, SharedRows, Steps, Weights};

/// Steps of a sequence whose inputs are multiplied at once, so that a weight is passed over seldom.
const BLOCK: usize = if cfg!(feature = "std") { 16 } else { 1 };

/// Rows that are multiplied together at most.
const PAIRS: usize = if cfg!(feature = "std") { 32 } else { CHUNK };

/// Steps in all from which on packing the weights is worth its time.
#[cfg(feature = "std")]
const WORTH_PACKING: usize = 12;

/// Steps of which `gates` has to hold the gates of each sample where they are not kept for backward, with sequences of at most `steps`.
pub const fn block(steps: usize) -> usize {
    if steps < BLOCK { steps } else { BLOCK }
}

/// What [`recurrent`] reads and writes. `H` is the hidden size, and a step or a sample has one row in each.
pub struct RecurrentForward<'a> {
    /// What comes in: `[inputs]` for each step.
    pub x: &'a [f32],
    /// `h` of each sample: before its first step, and then after its last.
    pub h: RowsMut<'a>,
    /// `c` of each sample, as `h`; empty rows unless the cell has it.
    pub c: RowsMut<'a>,
    /// `h` after each step, to be written.
    pub y: Option<RowsMut<'a>>,
    /// Room for `[width · H]` for each step, which backward needs; or, if `kept` is not set, for [`block`] steps of each sample.
    pub gates: &'a mut [f32],
    /// Whether `gates` has room for every step, and gets what backward needs.
    pub kept: bool,
    /// `c` after each step, to be written: `[H]` for each step; empty unless it is asked for.
    pub cs: &'a mut [f32],
}

/// Runs `layer` over every sequence.
///
/// The bits of a sequence depend on the sequence and the state alone: not on the others, nor on whether it comes whole or in pieces.
///
/// # Panics
/// When the sizes do not fit.
pub fn recurrent(layer: &Recurrence<'_>, steps: Steps<'_>, call: RecurrentForward<'_>) {
    layer.check();
    let total = steps.total();
    assert!(call.x.len() == total * layer.inputs, "recurrent: the input has another length");
    with_packed(layer, steps.n, total, |layer, weights| run(layer, weights, steps, total, call));
}

/// Calls `work` with the layer and its weights, which are packed where that is worthwhile.
#[cfg(feature = "std")]
fn with_packed(
    layer: &Recurrence<'_>,
    n: usize,
    total: usize,
    work: impl FnOnce(&Recurrence<'_>, Weights<'_>),
) {
    use super::super::dispatch::Isa;
    use super::super::parallel::scratch;
    use super::super::vector::MAX_LANES;
    use super::pack::{Pack, packed_len};

    if let Some(weights) = layer.packed(n == 1) {
        return work(layer, weights);
    }
    let plain = layer.weights();
    if total < WORTH_PACKING || Isa::current() == Isa::Scalar {
        return work(layer, plain);
    }
    // The state of one sample alone takes as long as `W′` takes to come from the cache, packed or not, if only its rows begin on cache lines.
    let alone = n == 1 && layer.hidden.is_multiple_of(MAX_LANES);
    let copied = match alone && layer.weight_hh.as_ptr().align_offset(64) != 0 {
        true => layer.weight_hh.len(),
        false => 0,
    };
    // `W` is used for many rows at once; a single column is not worth it.
    let worth = [layer.inputs > 1, !alone, !alone];
    let len = |(weight, worth): (_, bool)| if worth { packed_len(weight) } else { 0 };
    let packed: usize = plain.each.iter().zip(worth).map(len).sum();
    scratch(copied + packed, |room| {
        let (lines, mut room) = room.split_at_mut(copied);
        let mut layer = *layer;
        if copied > 0 {
            lines.copy_from_slice(layer.weight_hh);
            layer.weight_hh = lines;
        }
        let mut weights = layer.weights();
        for (weight, _) in weights.each.iter_mut().zip(worth).filter(|(_, worth)| *worth) {
            let (to, rest) = room.split_at_mut(packed_len(weight));
            dispatch(Pack { weight: *weight, to });
            (weight.packed, room) = (Some(&*to), rest);
        }
        work(&layer, weights);
    });
}

#[cfg(not(feature = "std"))]
fn with_packed(
    layer: &Recurrence<'_>,
    _: usize,
    _: usize,
    work: impl FnOnce(&Recurrence<'_>, Weights<'_>),
) {
    work(layer, layer.weights());
}

fn run(
    layer: &Recurrence<'_>,
    weights: Weights<'_>,
    steps: Steps<'_>,
    total: usize,
    call: RecurrentForward<'_>,
) {
    let RecurrentForward { x, mut h, mut c, mut y, gates, kept, cs } = call;
    let (hidden, width) = (layer.hidden, layer.width());
    let longest = (0..steps.n).map(|i| (steps.of)(i)).max().unwrap_or(0);
    let block = if kept { longest } else { BLOCK.min(longest) };
    let keeps_c = !cs.is_empty();
    let gates = RowsMut { data: gates, stride: width, offset: 0 }.shared();
    let cs = RowsMut { data: cs, stride: if keeps_c { hidden } else { 0 }, offset: 0 }.shared();
    let (h, c, y) = (h.shared(), c.shared(), y.as_mut().map(RowsMut::shared));
    let flops = estimate([2, total, layer.gates(), layer.inputs + hidden]);
    tasks(flops, steps.n.div_ceil(CHUNK), |i| {
        let chunk = steps.chunk(i);
        let (sample, n, step, len) = (chunk.sample, chunk.n, chunk.step, chunk.total());
        let part = |rows: &SharedRows| {
            // SAFETY: this task alone has the steps of its samples; all is borrowed until the last task is done.
            unsafe { rows.part(step, len) }
        };
        // SAFETY: the same, for the samples.
        let (h, c) = unsafe { (h.part(sample, n), c.part(sample, n)) };
        let gates = match kept {
            true => part(&gates),
            // SAFETY: the same: every sample has a block of its own.
            false => unsafe { gates.part(sample * block, n * block) },
        };
        dispatch(Chunk {
            layer,
            weights,
            x: &x[step * layer.inputs..][..len * layer.inputs],
            h,
            c,
            y: y.as_ref().map(part),
            gates,
            cs: keeps_c.then(|| part(&cs)),
            block,
            kept,
            chunk,
        });
    });
}

/// The samples of one task.
struct Chunk<'a> {
    layer: &'a Recurrence<'a>,
    weights: Weights<'a>,
    x: &'a [f32],
    h: RowsMut<'a>,
    c: RowsMut<'a>,
    y: Option<RowsMut<'a>>,
    gates: RowsMut<'a>,
    cs: Option<RowsMut<'a>>,
    block: usize,
    kept: bool,
    chunk: ChunkSteps,
}

impl Kernel for Chunk<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(mut self) {
        let most = self.chunk.most();
        let mut from = 0;
        while from < most {
            let to = most.min(from + self.block);
            self.inputs::<V>(from, to);
            for time in from..to {
                self.step::<V>(time, from);
            }
            from = to;
        }
    }
}

impl Chunk<'_> {
    /// The row of the gates of sample `i` at `time`, in the block that begins at time `from`.
    #[inline(always)]
    fn gates_row(&self, i: usize, time: usize, from: usize) -> usize {
        match self.kept {
            true => self.chunk.first[i] + self.layer.position(time, self.chunk.len[i]),
            false => i * self.block + time - from,
        }
    }

    /// What goes into the gates from the inputs and biases, of the times `from .. to`.
    #[inline(always)]
    fn inputs<V: Vector>(&mut self, from: usize, to: usize) {
        let mut pairs = [(0, 0); PAIRS];
        let mut count = 0;
        for i in 0..self.chunk.n {
            let len = self.chunk.len[i];
            for time in from..to.min(len) {
                let row = self.gates_row(i, time, from);
                self.layer.biases::<V>(self.gates.row(row, self.layer.width()));
                let x = (self.chunk.first[i] + self.layer.position(time, len)) * self.layer.inputs;
                pairs[count] = (x, row * self.gates.stride);
                count += 1;
                if count == pairs.len() {
                    self.weights.each[0].add_products::<V>(self.x, self.gates.data, &pairs);
                    count = 0;
                }
            }
        }
        self.weights.each[0].add_products::<V>(self.x, self.gates.data, &pairs[..count]);
    }

    /// Every sample that has a step at `time` takes it.
    #[inline(always)]
    fn step<V: Vector>(&mut self, time: usize, from: usize) {
        let hidden = self.layer.hidden;
        let (mut pairs, mut alive): ([Pair; CHUNK], [usize; CHUNK]) = ([(0, 0); CHUNK], [0; CHUNK]);
        let mut count = 0;
        for i in (0..self.chunk.n).filter(|&i| time < self.chunk.len[i]) {
            let h = i * self.h.stride + self.h.offset;
            pairs[count] = (h, self.gates_row(i, time, from) * self.gates.stride);
            alive[count] = i;
            count += 1;
        }
        let Weights { each, columns } = self.weights;
        let is_alone = self.chunk.n == 1 && (each[1].packed.is_none() || !columns.is_empty());
        if const { V::LANES > 1 } && is_alone && (self.y.is_some() || !self.kept) {
            return self.step_alone::<V>(time, from);
        }
        for (part, (rows, to)) in self.layer.recurrent_parts().into_iter().enumerate() {
            if !rows.is_empty() {
                let pairs = pairs.map(|(h, gates)| (h, gates + to));
                let weight = self.weights.each[1 + part];
                weight.add_products::<V>(self.h.data, self.gates.data, &pairs[..count]);
            }
        }
        for (&i, &(_, gates)) in alive[..count].iter().zip(&pairs) {
            let gates = &mut self.gates.data[gates..][..self.layer.width()];
            let has_c = matches!(self.layer.cell, Cell::Lstm);
            let h = self.h.row(i, hidden);
            let c = if has_c { self.c.row(i, hidden) } else { &mut [] };
            self.layer.cell.step::<V>(gates, h, c);
            let step = self.chunk.first[i] + self.layer.position(time, self.chunk.len[i]);
            if let Some(y) = &mut self.y {
                y.row(step, hidden).copy_from_slice(h);
            }
            if let Some(cs) = &mut self.cs {
                cs.row(step, hidden).copy_from_slice(c);
            }
        }
    }

    /// A step of the one sample that there is: some places after the other through all of their gates. `W′` comes from a cache that is as slow
    /// as the arithmetic is fast, so what the gates do costs nothing meanwhile.
    #[inline(always)]
    fn step_alone<V: Vector>(&mut self, time: usize, from: usize) {
        let (layer, hidden) = (self.layer, self.layer.hidden);
        let step = layer.position(time, self.chunk.len[0]);
        let gates = self.gates_row(0, time, from);
        let gates = self.gates.row(gates, layer.width());
        let h = self.h.row(0, hidden);
        let c = if layer.cell.has_c() { self.c.row(0, hidden) } else { &mut [] };
        let mut y = self.y.as_mut().map(|y| y.row(step, hidden));
        let mut kept = if self.kept { y.as_deref_mut() } else { None };
        // To and fro: where the last step ended, `W′` is still in the nearest cache.
        let turned =
            |i: usize, blocks: usize| if time.is_multiple_of(2) { i } else { blocks - 1 - i };
        let columns = self.weights.columns;
        if columns.is_empty() {
            let blocks = hidden.div_ceil(V::LANES);
            for i in 0..blocks {
                let (start, kept) = (V::LANES * turned(i, blocks), kept.as_deref_mut());
                if start + V::LANES <= hidden {
                    alone::<V>(layer, At { start, len: V::LANES }, false, gates, kept, h, c);
                } else {
                    alone::<V>(layer, At { start, len: hidden - start }, false, gates, kept, h, c);
                }
            }
        } else {
            let (blocks, gates_len) = (hidden / PLACES, columns.len() / hidden * PLACES);
            for i in 0..blocks {
                let start = PLACES * turned(i, blocks);
                let columns = &columns[start / PLACES * gates_len..][..gates_len];
                match layer.cell {
                    Cell::Lstm => add_columns::<V, 4>([0, 1, 2, 3], columns, start, gates, h),
                    Cell::Gru => add_columns::<V, 3>([0, 1, 3], columns, start, gates, h),
                    Cell::Tanh | Cell::Relu => add_columns::<V, 1>([0], columns, start, gates, h),
                }
                for start in (start..start + PLACES).step_by(V::LANES) {
                    let at = At { start, len: V::LANES };
                    alone::<V>(layer, at, true, gates, kept.as_deref_mut(), h, c);
                }
            }
        }
        if let Some(y) = &mut y {
            if !self.kept {
                y.copy_from_slice(&gates[..hidden]);
            }
            h.copy_from_slice(y);
        } else {
            h.copy_from_slice(&gates[..hidden]);
        }
        if let Some(cs) = &mut self.cs {
            cs.row(step, hidden).copy_from_slice(c);
        }
    }
}

/// Adds what comes from the state, `W′ h`, to what goes into some gates at [`PLACES`] places from `start` on.
#[inline(always)]
fn add_columns<V: Vector, const G: usize>(
    each: [usize; G],
    columns: &[f32],
    start: usize,
    gates: &mut [f32],
    h: &[f32],
) {
    match PLACES / V::LANES {
        1 => add_columns_of::<V, G, 1>(each, columns, start, gates, h),
        2 => add_columns_of::<V, G, 2>(each, columns, start, gates, h),
        4 => add_columns_of::<V, G, 4>(each, columns, start, gates, h),
        _ => add_columns_of::<V, G, PLACES>(each, columns, start, gates, h),
    }
}

#[inline(always)]
fn add_columns_of<V: Vector, const G: usize, const N: usize>(
    each: [usize; G],
    columns: &[f32],
    start: usize,
    gates: &mut [f32],
    h: &[f32],
) {
    let places = |gate: usize| gate * h.len() + start..gate * h.len() + start + PLACES;
    let mut sums = [[V::splat(0.0); N]; G];
    for (sums, gate) in sums.iter_mut().zip(each) {
        for (sum, numbers) in sums.iter_mut().zip(gates[places(gate)].chunks_exact(V::LANES)) {
            *sum = V::load(numbers);
        }
    }
    assert!(columns.len() == h.len() * G * PLACES && N * V::LANES == PLACES);
    let mut column = columns.as_ptr();
    for x in h {
        for (i, sums) in sums.iter_mut().enumerate() {
            for (j, sum) in sums.iter_mut().enumerate() {
                // SAFETY: each column has its places of each gate, and there are as many columns as numbers in `h`.
                let weights = unsafe { V::read(column.add(i * PLACES + j * V::LANES)) };
                *sum = weights.mul_add(V::splat(*x), *sum);
            }
        }
        column = column.wrapping_add(G * PLACES);
    }
    for (sums, gate) in sums.iter().zip(each) {
        for (sum, numbers) in sums.iter().zip(gates[places(gate)].chunks_exact_mut(V::LANES)) {
            sum.store(numbers);
        }
    }
}

/// One step of some places of one sample: `c` is brought up to date, and the new `h` written to `y` where the gates are `kept`, which then get what
/// comes out of them; else it takes the place of the first gate. Where `has_state`, what comes from the state is among what goes into the gates.
#[inline(always)]
fn alone<V: Vector>(
    layer: &Recurrence<'_>,
    at: At,
    has_state: bool,
    gates: &mut [f32],
    y: Option<&mut [f32]>,
    h: &[f32],
    c: &mut [f32],
) {
    let place = |i: usize| At { start: i * layer.hidden + at.start, len: at.len };
    let (width, mut through) = (layer.cell.width(), [V::splat(0.0); 4]);
    for (i, gate) in through.iter_mut().enumerate().take(width) {
        let sum = place(i).get(gates);
        *gate = if has_state { sum } else { plus_state(layer, i, h, at, sum) };
    }
    let old_c = if c.is_empty() { V::splat(0.0) } else { at.get(c) };
    let (out, new_h, new_c) = layer.cell.next::<V>(through, at.get(h), old_c);
    if !c.is_empty() {
        at.put(c, new_c);
    }
    match y {
        Some(y) => {
            for (i, gate) in out.into_iter().enumerate().take(width) {
                place(i).put(gates, gate);
            }
            at.put(y, new_h);
        }
        None => place(0).put(gates, new_h),
    }
}
