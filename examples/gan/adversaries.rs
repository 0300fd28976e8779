//! A generator and a discriminator that learn from each other (Goodfellow et al. 2014), a step of each in turn.

use clap::ValueEnum;
use firmnet::clip;
use firmnet::prelude::*;
use firmnet::sample::Sample;
use rand::{Rng, RngExt};

// ANCHOR: networks
/// The two networks: `generator` makes samples out of noise, `discriminator` gives the logit of a sample's being real.
pub struct Gan<G: Network, D: Network> {
    pub generator: Player<G>,
    pub discriminator: Player<D>,
    pub loss: GanLoss,
    /// The generator's parameters, averaged over its steps.
    pub average: Average<G>,
}

/// A network with all that it needs to learn.
pub struct Player<N: Network> {
    pub net: Box<N>,
    pub grad: Box<N>,
    pub adam: Adam,
    state: State<Vec<Box<N>>>,
    memory: Workspace,
}
// ANCHOR_END: networks

/// A running average of a network's numbers, which is quieter than what it averages (Yazıcı et al. 2019).
pub struct Average<N: Network> {
    pub net: Box<N>,
    decay: f32,
}

impl<N: Network> Average<N> {
    /// The average of `net` alone. Each step `decay` of it stays; with 0 it is always the latest network.
    pub fn new(net: &N, decay: f32) -> Self {
        let mut average = N::boxed_zero();
        average.copy_from(net);
        Average { net: average, decay }
    }

    fn step(&mut self, net: &N) {
        for i in 0..N::TENSORS.len() {
            for (a, p) in self.net.tensor_mut(i).iter_mut().zip(net.tensor(i)) {
                *a = self.decay * *a + (1.0 - self.decay) * p;
            }
        }
    }
}

/// What each of the two makes small, of the discriminator's logits `y`.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum GanLoss {
    /// The game itself: what the discriminator makes large, `ln (1 − σ(y))` of a fake, the generator makes small.
    Saturating,
    /// The generator makes `−ln σ(y)` of a fake small, whose gradient does not vanish while it is bad.
    NonSaturating,
    /// As non-saturating, but the discriminator is asked for 0.9 of what is real (Salimans et al. 2016).
    Smooth,
    /// Means of the logits, with a penalty on the gradient by the input (Gulrajani et al. 2017).
    WassersteinGp,
}

impl<N: Network> Player<N> {
    pub fn new(net: Box<N>, adam: Adam) -> Self {
        Player { net, grad: N::boxed_zero(), adam, state: adam.state(), memory: Workspace::new() }
    }

    fn step(&mut self) {
        self.adam.step(&mut *self.net, &self.grad, &mut self.state);
    }
}

impl<G, D, X: Sample, const Z: usize> Gan<G, D>
where
    G: Network<Input = [f32; Z], Output = X>,
    D: Network<Input = X, Output = [f32; 1]>,
{
    // ANCHOR: discriminator
    /// A step of the discriminator: it learns to tell the `real` samples from those that the generator makes of `noise`.
    /// Gives its loss, before the step.
    pub fn discriminator_step(
        &mut self,
        real: &[X],
        noise: &[[f32; Z]],
        rng: &mut impl Rng,
    ) -> f32 {
        let Gan { generator: g, discriminator: d, loss, .. } = self;
        let pass = g.net.forward_training(noise, &mut g.memory, rng);
        let fake = pass.output();
        d.grad.clear();
        let mut value = match loss {
            GanLoss::WassersteinGp => gradient_penalty(d, 10.0, &between(real, fake, rng), rng),
            _ => 0.0,
        };
        for (samples, are_real) in [(real, true), (fake, false)] {
            let mut pass = d.net.forward_training(samples, &mut d.memory, rng);
            value += pass.loss_with(|y, dy| loss.of_discriminator(are_real, y, dy));
            pass.backward(&d.net, &mut d.grad);
        }
        d.step();
        value
    }
    // ANCHOR_END: discriminator

    // ANCHOR: generator
    /// A step of the generator: it learns to make such samples of `noise` that the discriminator takes for real. Gives its loss,
    /// before the step.
    pub fn generator_step(&mut self, noise: &[[f32; Z]], rng: &mut impl Rng) -> f32 {
        let Gan { generator: g, discriminator: d, loss, average } = self;
        let mut made = g.net.forward_training(noise, &mut g.memory, rng);
        // What the discriminator says is the loss. The gradient comes through it, which does not learn now, to the samples, and goes on from there.
        let value = made.loss_with(|fake, dy| {
            let mut judged = d.net.forward_training(fake, &mut d.memory, rng);
            let value = judged.loss_with(|y, dy| loss.of_generator(y, dy));
            judged.input_gradient(&d.net, &mut d.grad, dy);
            value
        });
        made.gradient(&g.net, &mut g.grad);
        g.step();
        average.step(&g.net);
        value
    }
    // ANCHOR_END: generator
}

impl GanLoss {
    // ANCHOR: losses
    fn of_discriminator(self, real: bool, y: &[[f32; 1]], dy: &mut [[f32; 1]]) -> f32 {
        match (self, real) {
            (GanLoss::WassersteinGp, true) => mean(-1.0, y, dy),
            (GanLoss::WassersteinGp, false) => mean(1.0, y, dy),
            (_, false) => cross_entropy(0.0, y, dy),
            (GanLoss::Smooth, true) => cross_entropy(0.9, y, dy),
            (_, true) => cross_entropy(1.0, y, dy),
        }
    }

    fn of_generator(self, y: &[[f32; 1]], dy: &mut [[f32; 1]]) -> f32 {
        match self {
            GanLoss::Saturating => {
                Weighted(-1.0, BceWithLogitsLoss::new()).loss(y, &vec![[0.0]; y.len()], dy)
            }
            GanLoss::NonSaturating | GanLoss::Smooth => cross_entropy(1.0, y, dy),
            GanLoss::WassersteinGp => mean(-1.0, y, dy),
        }
    }
    // ANCHOR_END: losses
}

fn cross_entropy(target: f32, y: &[[f32; 1]], dy: &mut [[f32; 1]]) -> f32 {
    BceWithLogitsLoss::new().loss(y, &vec![[target]; y.len()], dy)
}

/// `sign` times the mean of the logits.
fn mean(sign: f32, y: &[[f32; 1]], dy: &mut [[f32; 1]]) -> f32 {
    let share = sign / y.len() as f32;
    dy.fill([share]);
    y.iter().map(|[y]| y * share).sum()
}

/// A point on the line from each real sample to a fake one, by chance.
fn between<X: Sample>(real: &[X], fake: &[X], rng: &mut impl Rng) -> Vec<X> {
    let mut points = real.to_vec();
    for (point, fake) in points.chunks_mut(1).zip(fake.chunks(1)) {
        let share = rng.random::<f32>();
        for (p, f) in X::flatten_mut(point).iter_mut().zip(X::flatten(fake)) {
            *p += share * (f - *p);
        }
    }
    points
}

// ANCHOR: penalty
/// `weight` times the mean of `(‖∇D(x)‖ − 1)²` over the samples `at`. Its gradient takes the place of what was in `d.grad`.
///
/// With `u` the direction of `∇D(x)`, the gradient of its norm by the parameters is that of the slope of `D` along `u`. The slope is
/// `(D(x + h u) − D(x − h u)) / 2h`: two more passes, backward with the weights `± 1 / 2h`, and no second derivative. As long as no
/// unit of a piecewise linear discriminator bends between the two points, that is exact but for rounding. The samples of a batch may
/// not depend on each other, so the discriminator has no batch normalisation.
pub fn gradient_penalty<X: Sample, D: Network<Input = X, Output = [f32; 1]>>(
    d: &mut Player<D>,
    weight: f32,
    at: &[X],
    rng: &mut impl Rng,
) -> f32 {
    const H: f32 = 0.01;
    let n = at.len() as f32;
    let mut shift = vec![X::ZERO; at.len()];
    let mut pass = d.net.forward_training(at, &mut d.memory, rng);
    pass.loss_with(|_, dy| dy.fill([1.0]));
    pass.input_gradient(&d.net, &mut d.grad, &mut shift);
    d.grad.clear();

    let (mut sum, mut slopes) = (0.0, vec![]);
    for gradient in shift.chunks_mut(1).map(X::flatten_mut) {
        let norm = clip::sum_of_squares(gradient).sqrt();
        sum += (norm - 1.0).powi(2);
        slopes.push(2.0 * weight * (norm - 1.0) / n);
        clip::scale(gradient, H / norm.max(f32::MIN_POSITIVE));
    }
    for side in [1.0, -1.0] {
        let mut moved = at.to_vec();
        for (x, h) in X::flatten_mut(&mut moved).iter_mut().zip(X::flatten(&shift)) {
            *x += side * h;
        }
        let mut pass = d.net.forward_training(&moved, &mut d.memory, rng);
        pass.loss_with(|_, dy| {
            for (dy, slope) in dy.iter_mut().zip(&slopes) {
                *dy = [side * slope / (2.0 * H)];
            }
        });
        pass.backward(&d.net, &mut d.grad);
    }
    weight * sum / n
}
// ANCHOR_END: penalty
