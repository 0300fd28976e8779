//! What the layers of a transformer are made of, beside attention: a shortcut around a part, and the feed-forward part.

use crate::kernel::{Formula, Groups, Order, Vector, axpy, each};
use crate::kernel::{normalise, normalise_backward, normalise_backward_weight};
use crate::layers::elementwise::Elementwise;
use crate::layers::{GELU, LayerNorm, Linear, ReLU};

/// A part with a shortcut around it: `y = x + dropped(part(norm(x)))` with `norm_first`, else `y = norm(x + dropped(part(x)))`.
pub(super) struct Shortcut<'a, const E: usize, const B: usize> {
    pub norm: &'a LayerNorm<E, B, E>,
    pub norm_first: bool,
    pub eps: f32,
}

impl<const E: usize, const B: usize> Shortcut<'_, E, B> {
    /// Writes `y`, and beside it what comes out of the norm or goes into it. Without dropout `factors` is empty.
    pub fn forward(
        &self,
        x: &[f32],
        factors: &[f32],
        beside: &mut [f32],
        y: &mut [f32],
        part: impl FnOnce(&[f32], &mut [f32]),
    ) {
        let sum = if self.norm_first {
            self.normalise(x, beside);
            part(beside, y);
            &mut *y
        } else {
            part(x, beside);
            &mut *beside
        };
        if !factors.is_empty() {
            each([&mut *sum], [factors], &Times);
        }
        axpy(1.0, x, sum);
        if !self.norm_first {
            self.normalise(beside, y);
        }
    }

    /// Adds to `dx` what follows from `dy`, which is overwritten, as is `within`, which has as many numbers. `part` is given its input, the gradient of
    /// what it gives, and what is to be added to: the gradient of its input.
    pub fn backward(
        &self,
        [x, factors, beside]: [&[f32]; 3],
        [dy, dx, within]: [&mut [f32]; 3],
        grad: &mut LayerNorm<E, B, E>,
        part: impl FnOnce(&[f32], &[f32], &mut [f32]),
    ) {
        within.fill(0.0);
        if self.norm_first {
            axpy(1.0, dy, dx);
            if !factors.is_empty() {
                each([&mut *dy], [factors], &Times);
            }
            part(beside, dy, within);
            self.add_gradients(x, within, dx, grad);
        } else {
            self.add_gradients(beside, dy, within, grad);
            axpy(1.0, within, dx);
            if !factors.is_empty() {
                each([&mut *within], [factors], &Times);
            }
            part(x, within, dx);
        }
    }

    fn groups(&self) -> Groups {
        Groups { groups: 1, channels: E, plane: 1, eps: self.eps, centred: true }
    }

    fn normalise(&self, x: &[f32], y: &mut [f32]) {
        normalise(self.groups(), Some(x), &self.norm.weight, &self.norm.bias, y);
    }

    fn add_gradients(&self, x: &[f32], dy: &[f32], dx: &mut [f32], grad: &mut LayerNorm<E, B, E>) {
        normalise_backward_weight(self.groups(), x, dy, &mut grad.weight, &mut grad.bias);
        normalise_backward(self.groups(), &self.norm.weight, x, Some(dy), dx);
    }
}

/// The feed-forward part, step by step: `linear2(dropped(activation(linear1(x))))`.
pub(super) struct FeedForward<'a, const E: usize, const F: usize, const B: usize, const C: usize> {
    pub linear1: &'a Linear<E, F, C>,
    pub linear2: &'a Linear<F, E, B>,
    pub gelu: bool,
}

impl<const E: usize, const F: usize, const B: usize, const C: usize> FeedForward<'_, E, F, B, C> {
    /// Writes `y`, and between what `linear1` gives; `memory` has room for as many numbers. Without dropout `factors` is empty.
    pub fn forward(
        &self,
        x: &[f32],
        factors: &[f32],
        between: &mut [f32],
        memory: &mut [f32],
        y: &mut [f32],
    ) {
        let memory = &mut memory[..between.len()];
        self.linear1.apply(Order::Free, x, between);
        self.activate(between, factors, memory);
        self.linear2.apply(Order::Free, memory, y);
    }

    /// The same in use, where the weights may be packed: what is between is not kept, but has room in `memory`.
    pub fn forward_in_use(
        &self,
        packed: [Option<&[f32]>; 2],
        order: Order,
        x: &[f32],
        memory: &mut [f32],
        y: &mut [f32],
    ) {
        let between = &mut memory[..x.len() / E.max(1) * F];
        self.linear1.apply_packed(packed[0], order, x, between);
        each([&mut *between], [], &Active { gelu: self.gelu });
        self.linear2.apply_packed(packed[1], order, between, y);
    }

    /// Adds to `dx` and to the gradients of both maps. `memory` has room for as many numbers as are between.
    pub fn backward(
        &self,
        [x, factors, between, dy]: [&[f32]; 4],
        dx: &mut [f32],
        memory: &mut [f32],
        (grad1, grad2): (&mut Linear<E, F, C>, &mut Linear<F, E, B>),
    ) {
        let memory = &mut memory[..between.len()];
        self.activate(between, factors, memory);
        self.linear2.add_gradients(memory, dy, None, grad2);
        self.linear2.input_gradient(dy, 0.0, memory);
        if !factors.is_empty() {
            each([&mut *memory], [factors], &Times);
        }
        each([&mut *memory], [between], &ActiveSlope { gelu: self.gelu });
        self.linear1.add_gradients(x, memory, Some(dx), grad1);
    }

    fn activate(&self, between: &[f32], factors: &[f32], y: &mut [f32]) {
        each([&mut *y], [between], &Active { gelu: self.gelu });
        if !factors.is_empty() {
            each([y], [factors], &Times);
        }
    }
}

/// `y · factor`.
struct Times;

impl Formula<1, 1> for Times {
    #[inline(always)]
    fn at<V: Vector>(&self, [y]: [V; 1], [factor]: [V; 1]) -> [V; 1] {
        [y * factor]
    }
}

/// `f(x)`, where `x` may be in the place of `y`.
struct Active {
    gelu: bool,
}

impl Formula<1, 1> for Active {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [x]: [V; 1]) -> [V; 1] {
        if self.gelu { [GELU::value(GELU::args(), x)] } else { [ReLU::value(ReLU::args(), x)] }
    }
}

impl Formula<1, 0> for Active {
    #[inline(always)]
    fn at<V: Vector>(&self, [x]: [V; 1], _: [V; 0]) -> [V; 1] {
        self.at([x], [x])
    }
}

/// `dy · f′(x)`.
struct ActiveSlope {
    gelu: bool,
}

impl Formula<1, 1> for ActiveSlope {
    #[inline(always)]
    fn at<V: Vector>(&self, [dy]: [V; 1], [x]: [V; 1]) -> [V; 1] {
        let zero = V::splat(0.0);
        if self.gelu {
            [dy * GELU::slope(GELU::args(), x)]
        } else {
            [x.where_greater(zero, dy, zero)]
        }
    }
}
