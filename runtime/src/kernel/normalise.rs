//! Rows brought to mean 0 and variance 1, or to a mean square of 1: what layer, group, instance and RMS normalisation share.

use super::channels::{Along, Of, Plus, PlusCentred, PlusSquare, Rule, Total};
use super::dispatch::{Kernel, dispatch};
use super::parallel::chunks;
use super::{Vector, sqrt, sum};

/// Rows `[groups][channels][plane]`, again and again; each group is normalised by its own statistics, and each channel has a weight and a bias.
///
/// A layer normalisation is one group whose channels are single numbers.
#[derive(Clone, Copy, Debug)]
pub struct Groups {
    /// Groups in a sample.
    pub groups: usize,
    /// Channels in each group.
    pub channels: usize,
    /// Numbers in each channel.
    pub plane: usize,
    /// What is added to the variance.
    pub eps: f32,
    /// Whether the mean is taken away; else the mean square stands for the variance.
    pub centred: bool,
}

/// `y = weight · (x − mean) / √(var + eps) + bias` in each group; without an `x`, that of `y` itself. An empty `weight` is 1, an empty
/// `bias` 0.
///
/// # Panics
/// When the lengths do not fit.
pub fn normalise(shape: Groups, x: Option<&[f32]>, weight: &[f32], bias: &[f32], y: &mut [f32]) {
    let (len, of) = (shape.len(), [(weight, 1.0), (bias, 0.0)]);
    shape.check(y.len(), &[weight, bias]);
    assert!(x.is_none_or(|x| x.len() == y.len()), "normalise: the lengths differ");
    chunks(8 * y.len(), y, len * rows_at_once(len), |at, y| {
        let first = at * rows_at_once(len);
        if shape.plane == 1 && shape.groups == 1 {
            return dispatch(Rows { shape, x: x.map(|x| &x[first * len..][..y.len()]), of, y });
        }
        for (row, y) in y.chunks_exact_mut(len.max(1)).enumerate() {
            let row = first + row;
            let x = x.map(|x| &x[row * len..][..len]);
            let (mean, inverse) = dispatch(Statistics { shape, x: x.unwrap_or(y) });
            shape.each_stretch(row, of, |range, [weight, bias]| {
                let (of, y) =
                    ([Of::All(mean), Of::All(inverse), weight, bias], &mut y[range.clone()]);
                match x {
                    Some(x) => dispatch(Along { rule: &Scale, read: [&x[range]], of, y }),
                    None => dispatch(Along { rule: &Scale, read: [], of, y }),
                }
            });
        }
    });
}

/// Rows of single numbers, all in one kernel: a call for each would take more time than a short row.
struct Rows<'a> {
    shape: Groups,
    x: Option<&'a [f32]>,
    /// Weight and bias, and what stands for an empty one.
    of: [(&'a [f32], f32); 2],
    y: &'a mut [f32],
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let Rows { shape, x, of, y } = self;
        let len = shape.len();
        let of = of.map(|(of, otherwise)| match of {
            [] => Of::All(otherwise),
            of => Of::Each(of),
        });
        for (row, y) in y.chunks_exact_mut(len.max(1)).enumerate() {
            let x = x.map(|x| &x[row * len..][..len]);
            let (mean, inverse) = Statistics { shape, x: x.unwrap_or(y) }.run::<V>();
            let of = [Of::All(mean), Of::All(inverse), of[0], of[1]];
            match x {
                Some(x) => Along { rule: &Scale, read: [x], of, y }.run::<V>(),
                None => Along { rule: &Scale, read: [], of, y }.run::<V>(),
            }
        }
    }
}

/// The gradient by `x`: with `g = weight · dy` and means over a group,
/// `dx += (g − mean(g) − x̂ · mean(g · x̂)) / √(var + eps)`. Without a `dy`, `dx` holds it, and is overwritten.
///
/// # Panics
/// When the lengths do not fit.
pub fn normalise_backward(
    shape: Groups,
    weight: &[f32],
    x: &[f32],
    dy: Option<&[f32]>,
    dx: &mut [f32],
) {
    let (len, of) = (shape.len(), [(weight, 1.0)]);
    shape.check(x.len(), &[weight]);
    let fit = dx.len() == x.len() && dy.is_none_or(|dy| dy.len() == x.len());
    assert!(fit, "normalise: the lengths differ");
    chunks(16 * x.len(), dx, len * rows_at_once(len), |at, dx| {
        let first = at * rows_at_once(len);
        for (row, dx) in dx.chunks_exact_mut(len.max(1)).enumerate() {
            let row = first + row;
            let x = &x[row * len..][..len];
            let (mean, inverse) = dispatch(Statistics { shape, x });
            let (mut sum, mut dot) = (0.0, 0.0);
            let g = dy.map_or(&*dx, |dy| &dy[row * len..][..len]);
            shape.each_stretch(row, of, |range, [weight]| {
                let (x, dy) = (&x[range.clone()], &g[range]);
                match weight {
                    Of::All(weight) => {
                        sum += weight * super::sum(dy);
                        dot += weight
                            * dispatch(Total { rule: &PlusCentred, read: [x, dy], of: [mean] });
                    }
                    Of::Each(weight) => {
                        sum += super::dot(dy, weight);
                        let read = [x, dy, weight];
                        dot += dispatch(Total { rule: &PlusWeighted, read, of: [mean] });
                    }
                }
            });
            let count = len as f32;
            let pull = -inverse * inverse * inverse * dot / count;
            let shift = if shape.centred { -inverse * sum / count } else { 0.0 };
            shape.each_stretch(row, of, |range, [weight]| {
                let of = [weight, Of::All(inverse), Of::All(pull), Of::All(mean), Of::All(shift)];
                let (x, to) = (&x[range.clone()], &mut dx[range.clone()]);
                match dy {
                    Some(dy) => {
                        let read = [x, &dy[row * len..][range]];
                        dispatch(Along { rule: &AddGradient, read, of, y: to });
                    }
                    None => dispatch(Along { rule: &AddGradient, read: [x], of, y: to }),
                }
            });
        }
    });
}

/// The gradients by weight and bias: `dweight += Σ dy · x̂`, `dbias += Σ dy`, where they are not empty.
///
/// # Panics
/// When the lengths do not fit.
pub fn normalise_backward_weight(
    shape: Groups,
    x: &[f32],
    dy: &[f32],
    dweight: &mut [f32],
    dbias: &mut [f32],
) {
    let len = shape.len();
    shape.check(x.len(), &[dweight, dbias]);
    assert!(dy.len() == x.len(), "normalise: the lengths differ");
    let rows = x.chunks_exact(len.max(1)).zip(dy.chunks_exact(len.max(1)));
    for (row, (x, dy)) in rows.enumerate() {
        let (mean, inverse) = dispatch(Statistics { shape, x });
        let first = row % shape.groups * shape.channels;
        if shape.plane == 1 {
            if !dweight.is_empty() {
                let of = [Of::All(mean), Of::All(inverse)];
                let y = &mut dweight[first..][..len];
                dispatch(Along { rule: &PlusNormalised, read: [x, dy], of, y });
            }
            if !dbias.is_empty() {
                super::axpy(1.0, dy, &mut dbias[first..][..len]);
            }
            continue;
        }
        for c in 0..shape.channels {
            let range = c * shape.plane..(c + 1) * shape.plane;
            let (x, dy) = (&x[range.clone()], &dy[range]);
            if let Some(dweight) = dweight.get_mut(first + c) {
                *dweight +=
                    inverse * dispatch(Total { rule: &PlusCentred, read: [x, dy], of: [mean] });
            }
            if let Some(dbias) = dbias.get_mut(first + c) {
                *dbias += sum(dy);
            }
        }
    }
}

/// Short rows are handed out several at a time.
fn rows_at_once(len: usize) -> usize {
    (4096 / len.max(1)).max(1)
}

impl Groups {
    /// Numbers in a group.
    fn len(&self) -> usize {
        self.channels * self.plane
    }

    fn check(&self, len: usize, of: &[&[f32]]) {
        let sample = self.groups * self.len();
        let fits = if sample == 0 { len == 0 } else { len.is_multiple_of(sample) };
        let each = self.groups * self.channels;
        assert!(
            fits && of.iter().all(|of| of.is_empty() || of.len() == each),
            "normalise: the lengths do not fit"
        );
    }

    /// Calls `work` for stretches of row `row` along which every one of `of` (or what stands for an empty one) is a number or a slice.
    #[inline(always)]
    fn each_stretch<'a, const N: usize>(
        &self,
        row: usize,
        of: [(&'a [f32], f32); N],
        mut work: impl FnMut(core::ops::Range<usize>, [Of<'a>; N]),
    ) {
        let first = row % self.groups * self.channels;
        if self.plane == 1 || of.iter().all(|(of, _)| of.is_empty()) {
            return work(
                0..self.len(),
                of.map(|(of, otherwise)| match of {
                    [] => Of::All(otherwise),
                    of => Of::Each(&of[first..][..self.channels]),
                }),
            );
        }
        for c in 0..self.channels {
            let of = of.map(|(of, otherwise)| Of::All(*of.get(first + c).unwrap_or(&otherwise)));
            work(c * self.plane..(c + 1) * self.plane, of);
        }
    }
}

/// Mean (or 0, if it is not taken away), and `1 / √(var + eps)`, of a row.
struct Statistics<'a> {
    shape: Groups,
    x: &'a [f32],
}

impl Kernel for Statistics<'_> {
    type Output = (f32, f32);

    #[inline(always)]
    fn run<V: Vector>(self) -> (f32, f32) {
        let Statistics { shape, x } = self;
        let count = x.len() as f32;
        let sum = Total { rule: &Plus, read: [x], of: [] };
        let mean = if shape.centred { sum.run::<V>() / count } else { 0.0 };
        let squares = Total { rule: &PlusSquare, read: [x], of: [mean] }.run::<V>();
        (mean, 1.0 / sqrt(squares / count + shape.eps))
    }
}

/// `(x − mean) · inverse · weight + bias`, where `x` may be `y`.
struct Scale;

impl Rule<1, 4> for Scale {
    #[inline(always)]
    fn at<V: Vector>(&self, _: V, [x]: [V; 1], [mean, inverse, weight, bias]: [V; 4]) -> V {
        ((x - mean) * inverse).mul_add(weight, bias)
    }
}

impl Rule<0, 4> for Scale {
    #[inline(always)]
    fn at<V: Vector>(&self, y: V, _: [V; 0], of: [V; 4]) -> V {
        Scale.at(y, [y], of)
    }
}

/// `sum + dy · weight · (x − mean)`.
struct PlusWeighted;

impl Rule<3, 1> for PlusWeighted {
    #[inline(always)]
    fn at<V: Vector>(&self, sum: V, [x, dy, weight]: [V; 3], [mean]: [V; 1]) -> V {
        (x - mean).mul_add(dy * weight, sum)
    }
}

/// `sum + dy · (x − mean) · inverse`.
struct PlusNormalised;

impl Rule<2, 2> for PlusNormalised {
    #[inline(always)]
    fn at<V: Vector>(&self, sum: V, [x, dy]: [V; 2], [mean, inverse]: [V; 2]) -> V {
        ((x - mean) * inverse).mul_add(dy, sum)
    }
}

/// `dx + weight · inverse · dy + pull · (x − mean) + shift`, where `dy` may be in the place of `dx`.
struct AddGradient;

impl Rule<2, 5> for AddGradient {
    #[inline(always)]
    fn at<V: Vector>(&self, dx: V, [x, dy]: [V; 2], of: [V; 5]) -> V {
        let [weight, inverse, pull, mean, shift] = of;
        dx + (weight * inverse).mul_add(dy, (x - mean).mul_add(pull, shift))
    }
}

impl Rule<1, 5> for AddGradient {
    #[inline(always)]
    fn at<V: Vector>(&self, dy: V, [x]: [V; 1], of: [V; 5]) -> V {
        let [weight, inverse, pull, mean, shift] = of;
        (weight * inverse).mul_add(dy, (x - mean).mul_add(pull, shift))
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::kernel::dispatch::forced;
    use std::vec;
    use std::vec::Vec;

    fn numbers(len: usize, k: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * 37 + k * 11) % 101) as f32 / 40.0 - 1.0).collect()
    }

    /// Against plain loops in double precision, with and without weights, over one memory and over two.
    #[test]
    fn rows_of_every_length() {
        for (groups, channels, plane) in [
            (1, 1, 1),
            (1, 7, 1),
            (1, 8, 1),
            (1, 37, 1),
            (2, 3, 1),
            (3, 2, 17),
            (2, 1, 9),
            (1, 64, 1),
        ] {
            for centred in [true, false] {
                let shape = Groups { groups, channels, plane, eps: 1e-3, centred };
                forced::on_each(|| {
                    check(shape, true);
                    check(shape, false);
                });
            }
        }
    }

    fn check(shape: Groups, affine: bool) {
        let (n, c) = (3, shape.groups * shape.channels);
        let (x, dy) = (numbers(n * c * shape.plane, 1), numbers(n * c * shape.plane, 2));
        let [weight, bias] = [3, 4].map(|k| if affine { numbers(c, k) } else { vec![] });
        let (mut y, mut over) = (vec![9.0; x.len()], x.clone());
        normalise(shape, Some(&x), &weight, &bias, &mut y);
        normalise(shape, None, &weight, &bias, &mut over);
        let (mut dx, mut dx_over) = (vec![1.0; x.len()], dy.clone());
        normalise_backward(shape, &weight, &x, Some(&dy), &mut dx);
        normalise_backward(shape, &weight, &x, None, &mut dx_over);
        let (mut dweight, mut dbias) = (vec![0.0; weight.len()], vec![0.0; bias.len()]);
        normalise_backward_weight(shape, &x, &dy, &mut dweight, &mut dbias);

        let (len, at) = (shape.len(), |x: &[f32], i: usize| f64::from(x[i]));
        let (mut ew, mut eb) = (vec![0.0; c], vec![0.0; c]);
        for row in 0..x.len() / len {
            let of = |i: usize| row % shape.groups * shape.channels + i / shape.plane;
            let w = |i: usize| if affine { at(&weight, of(i)) } else { 1.0 };
            let b = |i: usize| if affine { at(&bias, of(i)) } else { 0.0 };
            let mean_of = |f: &dyn Fn(usize) -> f64| (0..len).map(f).sum::<f64>() / len as f64;
            let x = |i: usize| at(&x, row * len + i);
            let mean = if shape.centred { mean_of(&x) } else { 0.0 };
            let var = mean_of(&|i| (x(i) - mean) * (x(i) - mean));
            let inverse = 1.0 / (var + 1e-3).sqrt();
            let normal = |i: usize| (x(i) - mean) * inverse;
            let dy = |i: usize| at(&dy, row * len + i);
            let g = mean_of(&|i| dy(i) * w(i)) * f64::from(u8::from(shape.centred));
            let gx = mean_of(&|i| dy(i) * w(i) * normal(i));
            for i in 0..len {
                let expected = normal(i) * w(i) + b(i);
                close(y[row * len + i], expected);
                close(over[row * len + i], expected);
                let expected = (dy(i) * w(i) - g - normal(i) * gx) * inverse;
                close(dx[row * len + i], 1.0 + expected);
                close(dx_over[row * len + i], expected);
                ew[of(i)] += dy(i) * normal(i);
                eb[of(i)] += dy(i);
            }
        }
        for (c, (&dweight, &dbias)) in dweight.iter().zip(&dbias).enumerate() {
            close(dweight, ew[c]);
            close(dbias, eb[c]);
        }
    }

    #[track_caller]
    fn close(found: f32, expected: f64) {
        let error = (f64::from(found) - expected).abs();
        assert!(error <= 1e-5 * expected.abs().max(2.0), "{found} is not {expected}");
    }
}
