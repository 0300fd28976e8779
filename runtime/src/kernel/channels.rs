//! What batch normalisation needs: statistics and linear maps per channel of `x: [n][channels][plane]`.

use super::dispatch::{Kernel, dispatch};
use super::parallel::{chunks, chunks2};
use super::{Vector, sum};

/// The shape `[n][channels][plane]`; a plane is `H·W` numbers, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channels {
    /// Samples.
    pub n: usize,
    /// Channels in each.
    pub channels: usize,
    /// Numbers in each channel of a sample.
    pub plane: usize,
}

/// Mean and biased variance (divided by the count) of each channel, in two passes.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn moments(shape: Channels, x: &[f32], mean: &mut [f32], var: &mut [f32]) {
    shape.check(x);
    assert!(mean.len() == shape.channels && var.len() == shape.channels);
    let count = (shape.n * shape.plane) as f32;
    mean.fill(0.0);
    var.fill(0.0);
    if shape.plane == 1 {
        rows(&Plus, shape, [x], [], mean);
        mean.iter_mut().for_each(|mean| *mean /= count);
        rows(&PlusSquare, shape, [x], [mean], var);
        return var.iter_mut().for_each(|var| *var /= count);
    }
    chunks2(4 * x.len(), (mean, 1), (var, 1), |c, mean, var| {
        mean[0] = shape.of(c, x).map(sum).sum::<f32>() / count;
        let total = planes(&PlusSquare, shape, c, [x], [mean[0]]);
        var[0] = total / count;
    });
}

/// `y = value[c]` at every place of channel `c`; zeros without values.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn fill_channels(shape: Channels, value: &[f32], y: &mut [f32]) {
    shape.check(y);
    if value.is_empty() {
        return y.fill(0.0);
    }
    assert!(value.len() == shape.channels, "a channel has no value");
    for (y, value) in y.chunks_exact_mut(shape.plane.max(1)).zip(value.iter().cycle()) {
        y.fill(*value);
    }
}

/// Adds `Σ x` over each channel to `total`.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn sum_channels(shape: Channels, x: &[f32], total: &mut [f32]) {
    shape.check(x);
    assert!(total.len() == shape.channels);
    if shape.plane == 1 {
        return rows(&Plus, shape, [x], [], total);
    }
    chunks(x.len(), total, 1, |c, total| total[0] += shape.of(c, x).map(sum).sum::<f32>());
}

/// `y = scale[c] · x + shift[c]`; without an `x`, that of `y` itself.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn scale_shift(
    shape: Channels,
    scale: &[f32],
    shift: &[f32],
    x: Option<&[f32]>,
    y: &mut [f32],
) {
    match x {
        Some(x) => map(&ScaleShift, shape, [x], [scale, shift], y),
        None => map(&ScaleShift, shape, [], [scale, shift], y),
    }
}

/// Adds, for each channel, `Σ dy` to `sum` and `Σ dy · (x − mean)` to `dot`.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn centred_sums(
    shape: Channels,
    x: &[f32],
    mean: &[f32],
    dy: &[f32],
    sum: &mut [f32],
    dot: &mut [f32],
) {
    shape.check(x);
    shape.check(dy);
    if shape.plane == 1 {
        rows(&Plus, shape, [dy], [], sum);
        return rows(&PlusCentred, shape, [x, dy], [mean], dot);
    }
    chunks2(4 * x.len(), (sum, 1), (dot, 1), |c, sum, dot| {
        sum[0] += shape.of(c, dy).map(self::sum).sum::<f32>();
        dot[0] += planes(&PlusCentred, shape, c, [x, dy], [mean[c]]);
    });
}

/// Adds `a[c] · dy + b[c] · (x − mean[c]) + shift[c]` to `dx`: the gradient of a normalisation. Without a `dy`, `dx` holds it, and is
/// overwritten.
///
/// # Panics
/// When a slice's length is not that of its shape.
pub fn add_centred(
    shape: Channels,
    [a, b, mean, shift]: [&[f32]; 4],
    x: &[f32],
    dy: Option<&[f32]>,
    dx: &mut [f32],
) {
    match dy {
        Some(dy) => map(&AddCentred, shape, [x, dy], [a, b, mean, shift], dx),
        None => map(&AddCentred, shape, [x], [a, b, mean, shift], dx),
    }
}

impl Channels {
    fn check(&self, x: &[f32]) {
        let len = self.n * self.channels * self.plane;
        assert!(x.len() == len, "a slice is not [n][channels][plane]");
    }

    /// The planes of channel `c`, sample by sample.
    fn of<'a>(&self, c: usize, x: &'a [f32]) -> impl Iterator<Item = &'a [f32]> {
        x.chunks_exact(self.plane.max(1)).skip(c).step_by(self.channels.max(1))
    }
}

/// What happens to one place of `y`, from `R` slices of the same shape and `C` numbers of its channel.
pub(super) trait Rule<const R: usize, const C: usize>: Sync {
    fn at<V: Vector>(&self, y: V, read: [V; R], of: [V; C]) -> V;
}

/// `y + x`.
pub(super) struct Plus;

impl Rule<1, 0> for Plus {
    #[inline(always)]
    fn at<V: Vector>(&self, y: V, [x]: [V; 1], _: [V; 0]) -> V {
        y + x
    }
}

/// `y + (x − mean)²`.
pub(super) struct PlusSquare;

impl Rule<1, 1> for PlusSquare {
    #[inline(always)]
    fn at<V: Vector>(&self, y: V, [x]: [V; 1], [mean]: [V; 1]) -> V {
        (x - mean).mul_add(x - mean, y)
    }
}

/// `y + dy · (x − mean)`.
pub(super) struct PlusCentred;

impl Rule<2, 1> for PlusCentred {
    #[inline(always)]
    fn at<V: Vector>(&self, y: V, [x, dy]: [V; 2], [mean]: [V; 1]) -> V {
        (x - mean).mul_add(dy, y)
    }
}

/// `scale · x + shift`, where `x` may be `y`.
struct ScaleShift;

impl Rule<1, 2> for ScaleShift {
    #[inline(always)]
    fn at<V: Vector>(&self, _: V, [x]: [V; 1], [scale, shift]: [V; 2]) -> V {
        x.mul_add(scale, shift)
    }
}

impl Rule<0, 2> for ScaleShift {
    #[inline(always)]
    fn at<V: Vector>(&self, y: V, _: [V; 0], [scale, shift]: [V; 2]) -> V {
        y.mul_add(scale, shift)
    }
}

/// `dx + a · dy + b · (x − mean) + shift`, where `dy` may be in the place of `dx`.
struct AddCentred;

impl Rule<2, 4> for AddCentred {
    #[inline(always)]
    fn at<V: Vector>(&self, dx: V, [x, dy]: [V; 2], [a, b, mean, shift]: [V; 4]) -> V {
        dx + dy.mul_add(a, (x - mean).mul_add(b, shift))
    }
}

impl Rule<1, 4> for AddCentred {
    #[inline(always)]
    fn at<V: Vector>(&self, dy: V, [x]: [V; 1], [a, b, mean, shift]: [V; 4]) -> V {
        dy.mul_add(a, (x - mean).mul_add(b, shift))
    }
}

/// Applies `rule` at every place of `y: [n][channels][plane]`.
fn map<const R: usize, const C: usize>(
    rule: &impl Rule<R, C>,
    shape: Channels,
    read: [&[f32]; R],
    of: [&[f32]; C],
    y: &mut [f32],
) {
    shape.check(y);
    read.iter().for_each(|read| shape.check(read));
    let sample = shape.channels * shape.plane;
    chunks(4 * y.len(), y, sample, |i, y| {
        let read = cut(read, i * sample, sample);
        if shape.plane == 1 {
            return dispatch(Along { rule, read, of: Of::each(of), y });
        }
        for (c, y) in y.chunks_exact_mut(shape.plane.max(1)).enumerate() {
            let read = cut(read, c * shape.plane, shape.plane);
            dispatch(Along { rule, read, of: Of::all(of, c), y });
        }
    });
}

/// Applies `rule` to `y: [channels]` with each row of `read: [n][channels]`, one after the other.
fn rows<const R: usize, const C: usize>(
    rule: &impl Rule<R, C>,
    shape: Channels,
    read: [&[f32]; R],
    of: [&[f32]; C],
    y: &mut [f32],
) {
    for i in 0..shape.n {
        let read = cut(read, i * shape.channels, shape.channels);
        dispatch(Along { rule, read, of: Of::each(of), y });
    }
}

/// What `rule` makes of 0 with all places of channel `c`, one after the other.
fn planes<const R: usize, const C: usize>(
    rule: &impl Rule<R, C>,
    shape: Channels,
    c: usize,
    read: [&[f32]; R],
    of: [f32; C],
) -> f32 {
    let mut sum = 0.0;
    for i in 0..shape.n {
        let read = cut(read, (i * shape.channels + c) * shape.plane, shape.plane);
        sum += dispatch(Total { rule, read, of });
    }
    sum
}

/// Of each slice the `len` numbers from `at` on.
fn cut<const R: usize>(mut read: [&[f32]; R], at: usize, len: usize) -> [&[f32]; R] {
    for read in &mut read {
        *read = &read[at..][..len];
    }
    read
}

/// A number of each channel, for a stretch within one channel or along all of them.
#[derive(Clone, Copy)]
pub(super) enum Of<'a> {
    All(f32),
    Each(&'a [f32]),
}

impl<'a> Of<'a> {
    /// The numbers of all channels. This and the next are the same for every rule, and so is [`cut`].
    fn each<const C: usize>(of: [&'a [f32]; C]) -> [Of<'a>; C] {
        let mut all = [Of::All(0.0); C];
        for (to, of) in all.iter_mut().zip(&of) {
            *to = Of::Each(of);
        }
        all
    }

    /// The numbers of channel `c`.
    fn all<const C: usize>(of: [&[f32]; C], c: usize) -> [Of<'a>; C] {
        let mut all = [Of::All(0.0); C];
        for (to, of) in all.iter_mut().zip(&of) {
            *to = Of::All(of[c]);
        }
        all
    }

    #[inline(always)]
    fn load<V: Vector>(self, at: usize) -> V {
        match self {
            Of::All(value) => V::splat(value),
            Of::Each(values) => V::load(&values[at..]),
        }
    }

    #[inline(always)]
    fn load_part<V: Vector>(self, at: usize) -> V {
        match self {
            Of::All(value) => V::splat(value),
            Of::Each(values) => V::load_part(&values[at..]),
        }
    }
}

pub(super) struct Along<'a, F, const R: usize, const C: usize> {
    pub rule: &'a F,
    pub read: [&'a [f32]; R],
    pub of: [Of<'a>; C],
    pub y: &'a mut [f32],
}

impl<F: Rule<R, C>, const R: usize, const C: usize> Kernel for Along<'_, F, R, C> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
        let (len, mut at) = (self.y.len(), 0);
        let (mut read, mut of) = ([V::splat(0.0); R], [V::splat(0.0); C]);
        while at + V::LANES <= len {
            for (to, from) in read.iter_mut().zip(&self.read) {
                *to = V::load(&from[at..]);
            }
            for (to, from) in of.iter_mut().zip(&self.of) {
                *to = from.load(at);
            }
            let y = &mut self.y[at..];
            self.rule.at(V::load(y), read, of).store(y);
            at += V::LANES;
        }
        if const { V::LANES > 1 } && at < len {
            for (to, from) in read.iter_mut().zip(&self.read) {
                *to = V::load_part(&from[at..]);
            }
            for (to, from) in of.iter_mut().zip(&self.of) {
                *to = from.load_part(at);
            }
            let y = &mut self.y[at..];
            self.rule.at(V::load_part(y), read, of).store_part(y);
        }
    }
}

pub(super) struct Total<'a, F, const R: usize, const C: usize> {
    pub rule: &'a F,
    pub read: [&'a [f32]; R],
    pub of: [f32; C],
}

impl<F: Rule<R, C>, const R: usize, const C: usize> Kernel for Total<'_, F, R, C> {
    type Output = f32;

    #[inline(always)]
    fn run<V: Vector>(self) -> f32 {
        let (len, mut at) = (self.read.first().map_or(0, |read| read.len()), 0);
        // Several sums, so that one need not wait for the other.
        let (mut sums, mut read) = ([V::splat(0.0); 4], [V::splat(0.0); R]);
        let mut of = [V::splat(0.0); C];
        for (to, of) in of.iter_mut().zip(&self.of) {
            *to = V::splat(*of);
        }
        while at + 4 * V::LANES <= len {
            for (part, sum) in sums.iter_mut().enumerate() {
                for (to, from) in read.iter_mut().zip(&self.read) {
                    *to = V::load(&from[at + part * V::LANES..]);
                }
                *sum = self.rule.at(*sum, read, of);
            }
            at += 4 * V::LANES;
        }
        let mut sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum();
        while at < len {
            let mut numbers = [0.0; R];
            for (to, from) in numbers.iter_mut().zip(&self.read) {
                *to = from[at];
            }
            sum = self.rule.at(sum, numbers, self.of);
            at += 1;
        }
        sum
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    /// Against sums in double precision, for planes on both sides of a vector's length.
    #[test]
    fn sums() {
        for plane in [1, 3, 8, 33, 64, 100] {
            let shape = Channels { n: 3, channels: 5, plane };
            let x: Vec<f32> = (0..15 * plane).map(|i| (i * 37 % 101) as f32 / 50.0 + 9.0).collect();
            let dy: Vec<f32> = (0..15 * plane).map(|i| (i * 53 % 89) as f32 / 40.0 - 1.0).collect();
            let (mut mean, mut var) = (vec![1.0; 5], vec![1.0; 5]);
            moments(shape, &x, &mut mean, &mut var);
            let (mut sum, mut dot) = (vec![1.0; 5], vec![2.0; 5]);
            centred_sums(shape, &x, &mean, &dy, &mut sum, &mut dot);
            for c in 0..5 {
                let of = |x: &[f32]| -> Vec<f64> {
                    shape.of(c, x).flatten().map(|&x| f64::from(x)).collect()
                };
                let (x, dy) = (of(&x), of(&dy));
                let expected = x.iter().sum::<f64>() / x.len() as f64;
                close(mean[c], expected, 10.0);
                let square = x.iter().map(|x| (x - expected) * (x - expected)).sum::<f64>();
                close(var[c], square / x.len() as f64, 1.0);
                close(sum[c], 1.0 + dy.iter().sum::<f64>(), x.len() as f64);
                let product = x.iter().zip(&dy).map(|(x, dy)| (x - expected) * dy).sum::<f64>();
                close(dot[c], 2.0 + product, x.len() as f64);
            }
        }
    }

    fn close(found: f32, expected: f64, scale: f64) {
        let error = (f64::from(found) - expected).abs();
        assert!(error <= 1e-6 * scale, "{found} is not {expected}");
    }

    #[test]
    fn maps() {
        for plane in [1, 3, 8, 33] {
            let shape = Channels { n: 2, channels: 19, plane };
            let x: Vec<f32> = (0..38 * plane).map(|i| (i % 13) as f32).collect();
            let dy: Vec<f32> = (0..38 * plane).map(|i| (i % 7) as f32).collect();
            let of = |k: usize| -> Vec<f32> { (0..19).map(|c| (c * k % 5) as f32).collect() };
            let (a, b, mean, shift) = (of(1), of(2), of(3), of(4));
            let (mut y, mut same) = (vec![0.0; x.len()], x.clone());
            scale_shift(shape, &a, &b, Some(&x), &mut y);
            scale_shift(shape, &a, &b, None, &mut same);
            let (mut dx, mut over) = (vec![1.0; x.len()], dy.clone());
            add_centred(shape, [&a, &b, &mean, &shift], &x, Some(&dy), &mut dx);
            add_centred(shape, [&a, &b, &mean, &shift], &x, None, &mut over);
            for i in 0..x.len() {
                let c = i / plane % 19;
                assert_eq!([y[i], same[i]], [a[c] * x[i] + b[c]; 2]);
                let expected = a[c] * dy[i] + b[c] * (x[i] - mean[c]) + shift[c];
                assert_eq!([dx[i], over[i]], [expected + 1.0, expected]);
            }
        }
    }
}
