//! One step of a small layer whose weights lie column by column: so all gates are worked out at once, and no sum is taken across a vector.

use super::super::Vector;
use super::super::dispatch::{Kernel, dispatch};
use super::cell::{At, lstm, lstm_in_halves, lstm_in_one, tanh};
use super::step::{row, sides};
use super::{Cell, Recurrence};

/// Vectors of a state that are kept in registers until the old one is not needed any more.
const KEPT: usize = 4;

/// Does `body` once for each of the values.
macro_rules! for_each {
    ($name:ident in [$($value:expr),*] => $body:block) => {$({
        const $name: usize = $value;
        $body
    })*};
}

impl Recurrence<'_> {
    /// Numbers that [`pack_columns`](Recurrence::pack_columns) writes.
    pub fn columns_len(&self) -> usize {
        dispatch(Len(self))
    }

    /// Writes the biases, the columns of `W`, and those of `W′`, for [`recurrent_step`](super::recurrent_step): each the vectors of gates that it works out.
    ///
    /// # Panics
    /// When the weights, or `to`, have another length.
    pub fn pack_columns(&self, to: &mut [f32]) {
        self.check();
        assert!(to.len() == self.columns_len(), "recurrent: other columns");
        dispatch(Pack { layer: self, to });
    }

    /// See [`vectors`].
    #[inline(always)]
    fn vectors<V: Vector>(&self, len: usize) -> usize {
        vectors(self.cell, len, V::LANES)
    }

    /// Numbers of a column.
    #[inline(always)]
    fn column<V: Vector>(&self) -> usize {
        vectors_of_column(self.cell, self.hidden, V::LANES) * V::LANES
    }
}

/// Vectors of `len` places of all gates: one for each gate, or fewer where what is left over of two or of all four fits into one.
const fn vectors(cell: Cell, len: usize, lanes: usize) -> usize {
    match cell {
        Cell::Lstm if 4 * len <= lanes => 1,
        Cell::Lstm if 2 * len <= lanes => 2,
        cell => cell.width(),
    }
}

/// Vectors of a column.
const fn vectors_of_column(cell: Cell, hidden: usize, lanes: usize) -> usize {
    let rest = hidden % lanes;
    let last = if rest > 0 { vectors(cell, rest, lanes) } else { 0 };
    hidden / lanes * cell.width() + last
}

/// Places of `H` in block `block`, or of a whole one.
const fn left<V: Vector, const H: usize>(block: usize) -> usize {
    let left = H.saturating_sub(block * V::LANES);
    if left < V::LANES { left } else { V::LANES }
}

struct Len<'a>(&'a Recurrence<'a>);

impl Kernel for Len<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<V: Vector>(self) -> usize {
        (1 + self.0.inputs + self.0.hidden) * self.0.column::<V>()
    }
}

struct Pack<'a> {
    layer: &'a Recurrence<'a>,
    to: &'a mut [f32],
}

impl Kernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Pack { layer, to } = self;
        let (inputs, hidden, column) = (layer.inputs, layer.hidden, layer.column::<V>());
        let mut first = 0;
        to.fill(0.0);
        for start in (0..hidden).step_by(V::LANES) {
            let len = V::LANES.min(hidden - start);
            let vectors = layer.vectors::<V>(len);
            for lane in 0..layer.cell.width() * len {
                let (gate, i) = (lane / len, lane % len);
                let at = first
                    + match vectors {
                        1 => lane,
                        2 => gate * (V::LANES / 2) + i,
                        _ => gate * V::LANES + i,
                    };
                let row = row(layer, gate) + start + i;
                let [from_x, from_h] = sides(layer, gate);
                for (from, bias) in [(from_x, layer.bias_ih), (from_h, layer.bias_hh)] {
                    to[at] += if from { bias.get(row).copied().unwrap_or(0.0) } else { 0.0 };
                }
                for k in (0..inputs).filter(|_| from_x) {
                    to[(1 + k) * column + at] = layer.weight_ih[row * inputs + k];
                }
                for k in (0..hidden).filter(|_| from_h) {
                    to[(1 + inputs + k) * column + at] = layer.weight_hh[row * hidden + k];
                }
            }
            first += vectors * V::LANES;
        }
    }
}

impl Recurrence<'_> {
    /// One step of one sample, of a layer that is packed in columns.
    ///
    /// # Panics
    /// When the sizes do not fit.
    #[inline(always)]
    pub(super) fn step_in_columns<V: Vector, const G: usize, const I: usize, const H: usize>(
        &self,
        x: &[f32],
        h: &mut [f32],
        c: &mut [f32],
        y: &mut [f32],
    ) {
        let (hidden, column, has_c) = (self.hidden, self.column::<V>(), self.cell.has_c());
        assert!(x.len() == self.inputs && h.len() == hidden && (c.len() == hidden || !has_c));
        assert!(self.packed.len() == (1 + self.inputs + hidden) * column);
        // So many sums are all in registers, and each number of `x` and `h` is fetched once.
        macro_rules! at_once {
            ($($vectors:literal in $chains:literal),*) => {$(
                // Asked before it is compiled: what is not so takes no time.
                if const { G == 4 && I > 0 && vectors_of_column(Cell::Lstm, H, V::LANES) == $vectors } {
                    return self.at_once::<V, H, $vectors, $chains>(x, h, c, y);
                }
            )*};
        }
        at_once!(5 in 2, 6 in 2, 8 in 1, 9 in 1, 10 in 1, 12 in 1);
        let (whole, block) = (hidden - hidden % V::LANES, self.cell.width() * V::LANES);
        let from = |start: usize| self.packed[start / V::LANES * block..].as_ptr();
        // The last few places first: their sums then wait for none of what follows.
        let last = At { start: whole, len: hidden - whole };
        let mut last_gates = [V::splat(0.0); 4];
        if last.len > 0 {
            // SAFETY: all vectors of a block are in each of the columns, of which there is one more than there are numbers in `x` and `h`.
            last_gates = unsafe { self.gate_sums::<V>(last.len, from(whole), column, x, h) };
        }
        // The new state is written at the end, for all places need the old one. A small one stays in registers meanwhile: what is read from
        // where it was just written makes the next step wait.
        let (mut new, mut start) = ([V::splat(0.0); KEPT], 0);
        while start < whole {
            let at = At { start, len: V::LANES };
            // SAFETY: the same.
            let gates = unsafe { self.gate_sums::<V>(at.len, from(start), column, x, h) };
            let new_h = self.through_gates(at, gates, h, c);
            at.put(y, new_h);
            if let Some(new) = new.get_mut(start / V::LANES) {
                *new = new_h;
            }
            start += V::LANES;
        }
        if last.len > 0 {
            let new_h = self.through_gates(last, last_gates, h, c);
            last.put(y, new_h);
            last.put(h, new_h);
        }
        if whole <= KEPT * V::LANES {
            for (i, new) in new.iter().enumerate().take(whole / V::LANES) {
                At { start: i * V::LANES, len: V::LANES }.put(h, *new);
            }
        } else {
            h[..whole].copy_from_slice(&y[..whole]);
        }
    }

    /// A step of an LSTM whose columns are `T` vectors: all sums, then all gates, and then all of the state. What waits for its operands keeps what comes
    /// behind it out of the processor's queue: so what does not wait for one another comes together.
    #[inline(always)]
    fn at_once<V: Vector, const H: usize, const T: usize, const CHAINS: usize>(
        &self,
        x: &[f32],
        h: &mut [f32],
        c: &mut [f32],
        y: &mut [f32],
    ) {
        // SAFETY: all vectors are in each of the columns, of which there is one more than there are numbers in `x` and `h`.
        let sums = unsafe { sums::<V, T, CHAINS>(self.packed.as_ptr(), T * V::LANES, x, h) };
        let mut state = [[V::splat(0.0); 2]; 3];
        // Written out, so that the sums stay in registers; and what a size has not is not compiled. There are three blocks of places at most.
        for_each!(BLOCK in [0, 1, 2] => {
            if const { BLOCK * V::LANES < H } {
                let start = BLOCK * V::LANES;
                let at = At { start, len: left::<V, H>(BLOCK) };
                let (old_c, gate) = (at.get(c), |i: usize| sums[4 * BLOCK + i]);
                let (o, new_c) = match const { vectors(Cell::Lstm, left::<V, H>(BLOCK), V::LANES) } {
                    1 => lstm_in_one(gate(0), at.len, old_c),
                    2 => lstm_in_halves([gate(0), gate(1)], old_c),
                    _ => lstm([gate(0), gate(1), gate(2), gate(3)], old_c),
                };
                at.put(c, new_c);
                state[BLOCK] = [o, new_c];
            }
        });
        for_each!(BLOCK in [0, 1, 2] => {
            if const { BLOCK * V::LANES < H } {
                let start = BLOCK * V::LANES;
                let at = At { start, len: left::<V, H>(BLOCK) };
                let [o, c] = state[BLOCK];
                let new_h = o * tanh(c);
                at.put(y, new_h);
                at.put(h, new_h);
            }
        });
    }

    /// `o` and the new `c` of the places `at`.
    #[inline(always)]
    fn lstm<V: Vector>(&self, gates: [V; 4], at: At, c: &[f32]) -> (V, V) {
        match self.vectors::<V>(at.len) {
            1 => lstm_in_one(gates[0], at.len, at.get(c)),
            2 => lstm_in_halves([gates[0], gates[1]], at.get(c)),
            _ => lstm(gates, at.get(c)),
        }
    }

    /// What goes into the gates of `len` places, whose vectors are at `from`.
    ///
    /// # Safety
    /// That of [`sums`], for these vectors.
    #[inline(always)]
    unsafe fn gate_sums<V: Vector>(
        &self,
        len: usize,
        from: *const f32,
        column: usize,
        x: &[f32],
        h: &[f32],
    ) -> [V; 4] {
        // SAFETY: the caller's promise.
        unsafe {
            match self.vectors::<V>(len) {
                1 => [sums::<V, 1, 4>(from, column, x, h)[0]; 4],
                2 => {
                    let [first, last] = sums::<V, 2, 4>(from, column, x, h);
                    [first, last, last, last]
                }
                _ => sums::<V, 4, 2>(from, column, x, h),
            }
        }
    }

    /// The new `h` of the places `at`; brings their `c` up to date.
    #[inline(always)]
    fn through_gates<V: Vector>(&self, at: At, gates: [V; 4], h: &[f32], c: &mut [f32]) -> V {
        if !self.cell.has_c() {
            return self.cell.next(gates, at.get(h), V::splat(0.0)).1;
        }
        let (o, new_c) = self.lstm(gates, at, c);
        at.put(c, new_c);
        o * tanh(new_c)
    }
}

/// The sums of `N` vectors: the first column, and the others times `x` and `h`, in `CHAINS` that do not wait for one another.
///
/// # Safety
/// `N` vectors are valid for reading at `from`, and at as many places more, `column` apart, as there are numbers in `x` and `h`.
#[inline(always)]
unsafe fn sums<V: Vector, const N: usize, const CHAINS: usize>(
    from: *const f32,
    column: usize,
    x: &[f32],
    h: &[f32],
) -> [V; N] {
    let mut chains = [[V::splat(0.0); N]; CHAINS];
    let mut column_at = from;
    // SAFETY: the caller's promise, for this column and the next.
    unsafe {
        for (i, sum) in chains[0].iter_mut().enumerate() {
            *sum = V::read(from.add(i * V::LANES));
        }
        for numbers in [x, h] {
            let mut whole = numbers.chunks_exact(CHAINS);
            for numbers in &mut whole {
                for (number, chain) in numbers.iter().zip(&mut chains) {
                    column_at = column_at.add(column);
                    add(chain, column_at, *number);
                }
            }
            for (number, chain) in whole.remainder().iter().zip(&mut chains) {
                column_at = column_at.add(column);
                add(chain, column_at, *number);
            }
        }
    }
    let mut all = chains[0];
    for chain in &chains[1..] {
        for (sum, chain) in all.iter_mut().zip(chain) {
            *sum = *sum + *chain;
        }
    }
    all
}

/// Adds `number` times the vectors at `column`.
///
/// # Safety
/// `N` vectors are valid for reading there.
#[inline(always)]
unsafe fn add<V: Vector, const N: usize>(sums: &mut [V; N], column: *const f32, number: f32) {
    for (i, sum) in sums.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        *sum = unsafe { V::read(column.add(i * V::LANES)) }.mul_add(V::splat(number), *sum);
    }
}
