//! Recurrent cells: steps and weights are bytes, gates and state have sixteen bits.
//!
//! A gate before its function has twelve bits behind the point (so it is from −8 to 8), and so has the state `c` of an LSTM; what comes out of a function
//! has fifteen, and so has the state `h` of a GRU. Of an LSTM, all of it is TensorFlow Lite's `UnidirectionalSequenceLSTM`, bit for bit.

use bytemuck::{Pod, Zeroable};

use super::dense::{dense_scratch, each_row};
use super::sigmoid::{logistic, tanh};
use super::tile::{Wide, widen};
use super::{Channel, Packed, Requantize, first_of};
use crate::bits::FromBytes;
use crate::check::check;

/// What a gate is in, before its function: 2⁻¹².
pub const GATE: f32 = 1.0 / 4096.0;

/// What becomes of the state: the step that comes out.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Hidden {
    scale: Requantize,
    zero: i32,
}

// SAFETY: whole numbers of one width, with nothing between them.
unsafe impl Zeroable for Hidden {}
// SAFETY: as above.
unsafe impl Pod for Hidden {}

impl Hidden {
    /// For steps of this scale and zero point, from numbers with `bits` behind the point.
    pub const fn of(bits: u32, scale: f32, zero: i32) -> Self {
        Hidden { scale: Requantize::of(1.0 / (1u64 << bits) as f64 / scale as f64), zero }
    }

    fn byte(&self, x: i32) -> i8 {
        self.scale.apply(x).saturating_add(self.zero).clamp(-128, 127) as i8
    }
}

/// A recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// With the gates i, f, g, o.
    Lstm,
    /// With the gates r, z, n.
    Gru,
}

impl Cell {
    /// How many gates it has.
    pub const fn gates(self) -> usize {
        match self {
            Cell::Lstm => 4,
            Cell::Gru => 3,
        }
    }

    /// Bits behind the point of what [`Hidden`] makes a step of.
    pub const fn bits(self) -> u32 {
        match self {
            Cell::Lstm => 30,
            Cell::Gru => 15,
        }
    }

    /// The next state of a unit, from its gates (of the input, and of the last step) and its state; and what [`Hidden`] makes a step of.
    fn next(self, x: impl Fn(usize) -> i16, h: impl Fn(usize) -> i16, state: i16) -> (i16, i32) {
        // From 30 bits behind the point to 15, or from 27 to 12; and from 30 to 12.
        const BY_15: Requantize = Requantize::of(1.0 / (1 << 15) as f64);
        const BY_18: Requantize = Requantize::of(1.0 / (1 << 18) as f64);
        let sum = |gate| x(gate).saturating_add(h(gate));
        let product = |a: i16, b: i16| i32::from(a) * i32::from(b);
        match self {
            Cell::Lstm => {
                let [i, f, o] = [0, 1, 3].map(|gate| logistic(sum(gate)));
                let kept = BY_15.apply(product(f, state)) as i16;
                let new = BY_18.apply(product(i, tanh(sum(2)))) as i16;
                let c = kept.saturating_add(new);
                (c, product(tanh(c), o))
            }
            Cell::Gru => {
                let [r, z] = [0, 1].map(|gate| logistic(sum(gate)));
                let n = tanh(x(2).saturating_add(BY_15.apply(product(r, h(2))) as i16));
                // h = z h + (1 − z) n
                let mixed = product(z, state) + ((1 << 15) - i32::from(z)) * i32::from(n);
                let h = ((mixed + (1 << 14)) >> 15) as i16;
                (h, h.into())
            }
        }
    }
}

/// Bytes of scratch that a cell takes.
pub const fn recurrent_scratch(cell: Cell, inputs: usize, hidden: usize) -> usize {
    let most = if inputs > hidden { inputs } else { hidden };
    dense_scratch(most) + (2 * cell.gates() * hidden * size_of::<i16>()).next_multiple_of(4)
}

/// Bytes that a cell carries from step to step: sixteen bits and a byte for each unit.
pub const fn recurrent_state(hidden: usize) -> usize {
    (hidden * (size_of::<i16>() + 1)).next_multiple_of(4)
}

/// The parameters of a cell: the rows of each gate for what comes in, and for the last step.
#[derive(Clone, Copy, Debug)]
pub struct Recurrent<'a> {
    /// Which it is.
    pub cell: Cell,
    /// For what comes in.
    pub x: Packed<'a>,
    /// For the last step.
    pub h: Packed<'a>,
    /// What becomes of the state.
    pub hidden: Hidden,
}

impl Recurrent<'_> {
    /// Takes a step: `x: [inputs]` → `y: [hidden]`. A `state` of zeros is that before the first.
    ///
    /// # Panics
    /// When `state` or `scratch` is too short or does not begin at a word.
    #[inline]
    pub fn step(&self, x: &[i8], state: &mut [i8], scratch: &mut [i8], y: &mut [i8]) {
        let units = y.len();
        let Some((state, last)) = first_of::<i16>(state, units) else {
            check!(false, "recurrent: there is too little state");
            return;
        };
        let words = x.len().max(units).div_ceil(4);
        let Some((wide, gates)) = first_of::<[Wide; 1]>(scratch, words) else {
            check!(false, "recurrent: there is too little scratch");
            return;
        };
        let all = self.cell.gates() * units;
        let Some((gates, _)) = first_of::<i16>(gates, 2 * all) else { return };
        let Some((of_x, of_h)) = gates.split_at_mut_checked(all) else { return };
        // The last step is kept without its zero point, so that it begins with zeros.
        let zero = self.hidden.zero as i8;
        y.iter_mut().zip(&*last).for_each(|(y, &h)| *y = h.wrapping_add(zero));
        for (bytes, parameters, gates) in [(x, self.x, &mut *of_x), (&*y, self.h, &mut *of_h)] {
            let words = bytes.len().div_ceil(4);
            let Some((wide, _)) = wide.split_at_mut_checked(words) else { return };
            widen(bytes, wide, 0);
            each_row(parameters, wide.as_flattened(), Channel::finish_wide, gates);
        }
        for (((unit, y), state), last) in (0..units).zip(y).zip(state).zip(last) {
            let of = |gates: &[i16], gate| gates.get(gate * units + unit).copied().unwrap_or(0);
            let (x, h) = (|gate| of(of_x, gate), |gate| of(of_h, gate));
            let next;
            (*state, next) = self.cell.next(x, h, *state);
            *y = self.hidden.byte(next);
            *last = y.wrapping_sub(zero);
        }
    }
}
