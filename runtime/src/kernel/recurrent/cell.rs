//! What one step of each cell does with its gates, number by number, forward and backward.

use super::super::Vector;
pub(super) use super::super::math::gate_tanh as tanh;
use super::super::math::{gate_of_either, gate_sigmoid as sigmoid};
use super::super::vector::MAX_LANES;
use crate::check::{check, split};

/// Does `body` for every vector of `len` numbers, and for the few at their end. Not a function that takes a closure: only what is
/// inlined is compiled for the instruction set.
macro_rules! all {
    ($vector:ident, $len:expr, $at:ident => $body:block) => {{
        let (len, mut start) = ($len, 0);
        while start + $vector::LANES <= len {
            let $at = At { start, len: $vector::LANES };
            $body
            start += $vector::LANES;
        }
        if $vector::LANES > 1 && start < len {
            let $at = At { start, len: len - start };
            $body
        }
    }};
}
pub(super) use all;

/// What remembers: which gates there are, and what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// `i, f, o = σ(…)`, `g = tanh(…)`, `c ← f c + i g`, `h = o tanh c` (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et
    /// al. 2000); the gates in the order i, f, g, o.
    Lstm,
    /// `r, z = σ(…)`, `n = tanh(W x + b + r (W′ h + b′))`, `h ← (1 − z) n + z h` (Cho et al. 2014, with `r` behind the product as in
    /// PyTorch); the gates in the order r, z, n.
    Gru,
    /// `h ← tanh(…)` (Elman 1990).
    Tanh,
    /// `h ← max(…, 0)`.
    Relu,
}

impl Cell {
    /// Gates: how many times the hidden size a weight has rows.
    pub const fn gates(self) -> usize {
        match self {
            Cell::Lstm => 4,
            Cell::Gru => 3,
            Cell::Tanh | Cell::Relu => 1,
        }
    }

    /// Numbers of a step that the kernels write, in hidden sizes: the gates; of a GRU also `W′ h + b′`.
    pub const fn width(self) -> usize {
        match self {
            Cell::Lstm | Cell::Gru => 4,
            Cell::Tanh | Cell::Relu => 1,
        }
    }

    /// Whether there is a `c` beside `h`.
    pub const fn has_c(self) -> bool {
        matches!(self, Cell::Lstm)
    }

    /// One step: `gates` holds what goes into the gates, and gets what comes out of them; `h` and `c` are brought up to date.
    #[inline(always)]
    pub(super) fn step<V: Vector>(self, gates: &mut [f32], h: &mut [f32], c: &mut [f32]) {
        let hidden = h.len();
        match self {
            Cell::Lstm => {
                let [i, f, g, o] = quarters(gates, hidden);
                all!(V, hidden, at => {
                    let went_in = [at.get(i), at.get(f), at.get(g), at.get(o)];
                    let ([i_, f_, g_, o_], h_, c_) = self.next::<V>(went_in, at.get(h), at.get(c));
                    at.put(i, i_);
                    at.put(f, f_);
                    at.put(g, g_);
                    at.put(o, o_);
                    at.put(c, c_);
                    at.put(h, h_);
                });
            }
            Cell::Gru => {
                let [r, z, n, m] = quarters(gates, hidden);
                all!(V, hidden, at => {
                    let (m_, went_in) = (at.get(m), [at.get(r), at.get(z), at.get(n), at.get(m)]);
                    let ([r_, z_, n_, _], h_, _) = self.next::<V>(went_in, at.get(h), m_);
                    at.put(r, r_);
                    at.put(z, z_);
                    at.put(n, n_);
                    at.put(h, h_);
                });
            }
            Cell::Tanh | Cell::Relu => all!(V, hidden, at => {
                let x = at.get::<V>(gates);
                let (_, h_, _) = self.next([x; 4], x, x);
                at.put(h, h_);
            }),
        }
    }

    /// What comes out of the gates, and the new `h` and `c`, from what goes into the gates and the old ones. Of gates and `c`, a cell that has
    /// fewer looks at those it has.
    #[inline(always)]
    pub(super) fn next<V: Vector>(self, gates: [V; 4], h: V, c: V) -> ([V; 4], V, V) {
        match self {
            Cell::Lstm => {
                let [i, f, g, o] = gates;
                let (i, f, g, o) = (sigmoid(i), sigmoid(f), tanh(g), sigmoid(o));
                let c = f.mul_add(c, i * g);
                ([i, f, g, o], o * tanh(c), c)
            }
            Cell::Gru => {
                let [r, z, n, m] = gates;
                let (r, z) = (sigmoid(r), sigmoid(z));
                let n = tanh(r.mul_add(m, n));
                ([r, z, n, m], z.mul_add(h - n, n), c)
            }
            Cell::Tanh => (gates, tanh(gates[0]), c),
            Cell::Relu => (gates, gates[0].max(V::splat(0.0)), c),
        }
    }

    /// One step backward: `gates` holds what came out of the gates, and gets the gradient by what went in. `dh` and `dc` hold the
    /// gradient by the state after the step, and get that by the state before, as far as it does not pass through a weight.
    #[inline(always)]
    pub(super) fn step_back<V: Vector>(
        self,
        gates: &mut [f32],
        state: States<'_>,
        dy: Option<&[f32]>,
        dh: &mut [f32],
        dc: &mut [f32],
    ) {
        let hidden = dh.len();
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        match self {
            Cell::Lstm => {
                let [i, f, g, o] = quarters(gates, hidden);
                all!(V, hidden, at => {
                    let (i_, f_, g_, o_) =
                        (at.get::<V>(i), at.get::<V>(f), at.get::<V>(g), at.get::<V>(o));
                    let (dh_, tanh_c) = (at.sum::<V>(dh, dy), tanh::<V>(at.get(state.c)));
                    let by_c = dh_ * o_ * (one - tanh_c * tanh_c) + at.get(dc);
                    let before = at.get_or_zero::<V>(state.c_before);
                    at.put(i, by_c * g_ * i_ * (one - i_));
                    at.put(f, by_c * before * f_ * (one - f_));
                    at.put(g, by_c * i_ * (one - g_ * g_));
                    at.put(o, dh_ * tanh_c * o_ * (one - o_));
                    at.put(dc, by_c * f_);
                    at.put(dh, zero);
                });
            }
            Cell::Gru => {
                let [r, z, n, m] = quarters(gates, hidden);
                all!(V, hidden, at => {
                    let (r_, z_, n_) = (at.get::<V>(r), at.get::<V>(z), at.get::<V>(n));
                    let (dh_, m_) = (at.sum::<V>(dh, dy), at.get::<V>(m));
                    let before = at.get_or_zero::<V>(state.h_before);
                    let dn = dh_ * (one - z_) * (one - n_ * n_);
                    at.put(r, dn * m_ * r_ * (one - r_));
                    at.put(z, dh_ * (before - n_) * z_ * (one - z_));
                    at.put(n, dn);
                    at.put(m, dn * r_);
                    at.put(dh, dh_ * z_);
                });
            }
            Cell::Tanh => all!(V, hidden, at => {
                let h = at.get::<V>(state.h);
                at.put(gates, at.sum::<V>(dh, dy) * (one - h * h));
                at.put(dh, zero);
            }),
            Cell::Relu => all!(V, hidden, at => {
                let dh_ = at.sum::<V>(dh, dy);
                at.put(gates, at.get::<V>(state.h).where_greater(zero, dh_, zero));
                at.put(dh, zero);
            }),
        }
    }
}

/// `o` and the new `c` of an LSTM, from what goes into its gates and the old `c`; the new `h` is `o tanh c`.
#[cfg(feature = "std")]
#[inline(always)]
pub(super) fn lstm<V: Vector>([i, f, g, o]: [V; 4], c: V) -> (V, V) {
    let (i, f, g, o) = (sigmoid(i), sigmoid(f), tanh(g), sigmoid(o));
    (o, f.mul_add(c, i * g))
}

/// The same, where what goes into all gates is in one vector, `len` lanes for each.
#[inline(always)]
pub(super) fn lstm_in_one<V: Vector>(gates: V, len: usize, c: V) -> (V, V) {
    let mut is_tanh = [0.0; MAX_LANES];
    is_tanh.iter_mut().take(3 * len).skip(2 * len).for_each(|lane| *lane = 1.0);
    let i = gate_of_either(gates, V::load(&is_tanh));
    let (f, g, o) = (i.rotate(len), i.rotate(2 * len), i.rotate(3 * len));
    (o, f.mul_add(c, i * g))
}

/// The same, where `i` and `f` are in the halves of the first vector, and `g` and `o` in those of the second.
#[cfg(feature = "std")]
#[inline(always)]
pub(super) fn lstm_in_halves<V: Vector>([i_f, g_o]: [V; 2], c: V) -> (V, V) {
    let half = V::LANES / 2;
    let mut is_tanh = [0.0; MAX_LANES];
    is_tanh.iter_mut().take(half).for_each(|lane| *lane = 1.0);
    let (i, g) = (sigmoid(i_f), gate_of_either(g_o, V::load(&is_tanh)));
    let (f, o) = (i.rotate(half), g.rotate(half));
    (o, f.mul_add(c, i * g))
}

/// The state before and after a step; before the first it may be zero, and nowhere.
#[derive(Clone, Copy)]
pub(super) struct States<'a> {
    pub(super) h_before: Option<&'a [f32]>,
    pub(super) h: &'a [f32],
    pub(super) c_before: Option<&'a [f32]>,
    pub(super) c: &'a [f32],
}

#[inline(always)]
fn quarters(gates: &mut [f32], hidden: usize) -> [&mut [f32]; 4] {
    let (a, rest) = split(gates, hidden);
    let (b, rest) = split(rest, hidden);
    let (c, d) = split(rest, hidden);
    [a, b, c, d]
}

/// A vector's place in slices of one length, or the few numbers at their end.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) start: usize,
    pub(super) len: usize,
}

impl At {
    #[inline(always)]
    pub(super) fn get<V: Vector>(self, from: &[f32]) -> V {
        let Some(from) = from.get(self.start..self.start + self.len) else {
            check!(false, "recurrent: a place outside", V::splat(0.0));
            return V::splat(0.0);
        };
        V::load_up_to(from)
    }
    #[inline(always)]
    pub(super) fn put<V: Vector>(self, to: &mut [f32], value: V) {
        let Some(to) = to.get_mut(self.start..self.start + self.len) else {
            check!(false, "recurrent: a place outside");
            return;
        };
        value.store_up_to(to);
    }
    #[inline(always)]
    fn get_or_zero<V: Vector>(self, from: Option<&[f32]>) -> V {
        match from {
            Some(from) => self.get(from),
            None => V::splat(0.0),
        }
    }
    #[inline(always)]
    fn sum<V: Vector>(self, a: &[f32], b: Option<&[f32]>) -> V {
        self.get::<V>(a) + self.get_or_zero(b)
    }
}
