//! What is run: forward passes, training steps, samples of audio.

use std::hint::black_box;
use std::slice::from_ref;

use firmnet::batch::{Input, Output};
use firmnet::loss::Compared;
use firmnet::prelude::*;
use firmnet::sample::Sample;
use firmnet::seq::Sequences;
use firmnet::stream::{self, Stream};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::given::{fill, filled, samples};
use super::networks::*;
use super::numbers::classes;
use super::{Work, expected};

/// A forward pass of one sample.
pub struct One<N: Network> {
    net: Prepared<Box<N>>,
    input: N::Input,
    memory: Workspace,
}

impl<N: Network> One<N> {
    pub fn new(input: N::Input) -> Self {
        One { net: Prepared::new(filled()), input, memory: Workspace::new() }
    }
}

impl<N: Network> Work for One<N>
where
    for<'a> <N::Output as Output>::One<'a>: Numbers<'a>,
{
    const CHECKED: usize = 1;
    const RUNS: u64 = u64::MAX;

    fn restart(&mut self) {}

    #[inline]
    fn run(&mut self, mut see: impl FnMut(&[f32])) {
        see(self.net.forward(black_box(&self.input), &mut self.memory).numbers());
    }
}

/// A forward pass of a batch.
pub struct Inference<N: Network> {
    net: Prepared<Box<N>>,
    inputs: <N::Input as Input>::Buffer,
    memory: Workspace,
}

impl<N: Network> Inference<N> {
    pub fn new(inputs: Vec<N::Input>) -> Self {
        Inference {
            net: Prepared::new(filled()),
            inputs: buffer(&inputs),
            memory: Workspace::new(),
        }
    }
}

impl<N: Network> Work for Inference<N>
where
    for<'a> <N::Output as Output>::Batch<'a>: Numbers<'a>,
{
    const CHECKED: usize = 1;
    const RUNS: u64 = u64::MAX;

    fn restart(&mut self) {}

    #[inline]
    fn run(&mut self, mut see: impl FnMut(&[f32])) {
        see(self.net.forward_batch(N::Input::batch(&self.inputs), &mut self.memory).numbers());
    }
}

/// A training step with Adam: forward, loss, backward, and the step itself. What comes out is the loss.
pub struct Training<N: Network, L, T> {
    learner: Learner<N>,
    inputs: <N::Input as Input>::Buffer,
    loss: L,
    targets: Vec<T>,
    rng: StdRng,
}

/// A network with all that it needs to learn.
struct Learner<N: Network> {
    net: Box<N>,
    grad: Box<N>,
    state: State<Vec<Box<N>>>,
    memory: Workspace,
}

const ADAM: Adam = Adam::new(1e-3);

impl<N: Network> Learner<N> {
    fn new() -> Self {
        Learner {
            net: filled(),
            grad: N::boxed_zero(),
            state: ADAM.state(),
            memory: Workspace::new(),
        }
    }

    fn restart(&mut self) {
        fill(&mut *self.net);
        self.state = ADAM.state();
    }

    fn step(&mut self) {
        ADAM.step(&mut *self.net, &self.grad, &mut self.state);
    }
}

impl<N: Network, L, T> Training<N, L, T> {
    pub fn new(inputs: Vec<N::Input>, loss: L, targets: Vec<T>) -> Self {
        let rng = StdRng::seed_from_u64(0);
        Training { learner: Learner::new(), inputs: buffer(&inputs), loss, targets, rng }
    }
}

impl<N: Network<Output: Compared<L, T>>, L, T> Training<N, L, T> {
    /// Holds the gradient of the first step against the losses a little to both sides of the start, with the same dropout.
    fn check_gradient(&mut self) {
        self.restart();
        self.run(|_| ());
        let squares = (0..N::TENSORS.len()).flat_map(|i| self.learner.grad.tensor(i));
        let squares: f32 = squares.map(|g| g * g).sum();
        let side = 0.005 / squares;
        let [below, above] =
            [-side, side].map(|side| {
                self.restart();
                let Training {
                    learner: Learner { net, grad, memory, .. },
                    inputs,
                    loss,
                    targets,
                    rng,
                } = self;
                for i in 0..N::TENSORS.len() {
                    net.tensor_mut(i)
                        .iter_mut()
                        .zip(grad.tensor(i))
                        .for_each(|(p, g)| *p += side * g);
                }
                net.forward_training(N::Input::batch(inputs), memory, rng).loss(loss, targets)
            });
        let change = above - below;
        assert!(
            (change - 0.01).abs() < 2e-4,
            "the loss changes by {change} where its gradient says 0.01"
        );
    }
}

impl<N: Network<Output: Compared<L, T>>, L, T> Work for Training<N, L, T> {
    const CHECKED: usize = 5;
    const RUNS: u64 = 50;

    fn restart(&mut self) {
        self.learner.restart();
        self.rng = StdRng::seed_from_u64(0);
    }

    #[inline]
    fn run(&mut self, mut see: impl FnMut(&[f32])) {
        let Training { learner, inputs, loss, targets, rng } = self;
        let Learner { net, grad, memory, .. } = learner;
        let mut pass = net.forward_training(N::Input::batch(inputs), memory, rng);
        let value = pass.loss(loss, targets);
        pass.gradient(net, grad);
        learner.step();
        see(&[value]);
    }
}

/// The training of W2, whose dropout is not PyTorch's: chance is the one thing in which the two differ.
pub struct WithDropout(pub Training<MnistCnn, NllLoss, u8>);

impl Work for WithDropout {
    const CHECKED: usize = 5;
    const RUNS: u64 = 50;

    fn restart(&mut self) {
        self.0.restart();
    }

    #[inline]
    fn run(&mut self, see: impl FnMut(&[f32])) {
        self.0.run(see);
    }

    /// PyTorch's losses are those of the network without dropout.
    fn first(&mut self) -> Vec<f32> {
        let (images, labels) = (samples(64, 1), classes(64));
        Training::<MnistCnnWithoutDropout, _, _>::new(images, NllLoss::new(), labels).first()
    }

    /// And that dropout is right is seen by its gradient: so much does the loss change along it.
    fn check(&mut self, name: &str) {
        expected::compare(name, &self.first());
        self.0.check_gradient();
    }
}

/// A step of a generator and a discriminator: the discriminator learns from 64 real images and 64 that were made, as one batch; the
/// generator learns from what the discriminator then says of the same 64. What comes out is both losses.
pub struct Gan {
    generator: Learner<Generator>,
    discriminator: Learner<Discriminator>,
    noise: Vec<[f32; 10]>,
    /// Real images, and room for as many that are made.
    images: Vec<[f32; 784]>,
    are_real: Vec<[f32; 1]>,
    rng: StdRng,
}

const IMAGES: usize = 64;

impl Gan {
    pub fn new() -> Self {
        let (images, are_real) = (samples(2 * IMAGES, 1), [[[1.0]; IMAGES], [[0.0]; IMAGES]]);
        Gan {
            generator: Learner::new(),
            discriminator: Learner::new(),
            noise: samples(IMAGES, 2),
            images,
            are_real: are_real.concat(),
            rng: StdRng::seed_from_u64(0),
        }
    }
}

impl Work for Gan {
    const CHECKED: usize = 5;
    const RUNS: u64 = 50;

    fn restart(&mut self) {
        self.generator.restart();
        self.discriminator.restart();
    }

    #[inline]
    fn run(&mut self, mut see: impl FnMut(&[f32])) {
        let Gan { generator: g, discriminator: d, noise, images, are_real, rng } = self;
        let loss = BceWithLogitsLoss::new();
        let mut made = g.net.forward_training(noise, &mut g.memory, rng);
        images[IMAGES..].copy_from_slice(made.output());

        let mut judged = d.net.forward_training(images, &mut d.memory, rng);
        let of_discriminator = judged.loss(&loss, are_real);
        judged.gradient(&d.net, &mut d.grad);
        d.step();

        let of_generator = made.loss_with(|made, dy| {
            let mut judged = d.net.forward_training(made, &mut d.memory, rng);
            let value = judged.loss(&loss, &are_real[..IMAGES]);
            judged.input_gradient(&d.net, &mut d.grad, dy);
            value
        });
        made.gradient(&g.net, &mut g.grad);
        g.step();
        see(&[of_discriminator, of_generator]);
    }
}

/// A network that is given one sample of audio after another.
pub struct Audio {
    net: Prepared<Box<Amplifier>>,
    stream: Stream<Amplifier, { stream::len::<Amplifier>() }>,
    samples: Vec<[f32; 1]>,
    next: usize,
}

impl Audio {
    pub fn new() -> Self {
        Audio {
            net: Prepared::new(filled()),
            stream: Amplifier::stream(),
            samples: samples(1024, 1),
            next: 0,
        }
    }
}

impl Work for Audio {
    const CHECKED: usize = 64;
    const RUNS: u64 = u64::MAX;

    fn restart(&mut self) {
        self.stream.reset();
        self.next = 0;
    }

    #[inline]
    fn run(&mut self, mut see: impl FnMut(&[f32])) {
        see(self.net.step(&self.samples[self.next], &mut self.stream));
        self.next = (self.next + 1) % self.samples.len();
    }
}

/// The numbers of a batch that came out.
trait Numbers<'a> {
    fn numbers(self) -> &'a [f32];
}

impl<'a, T: Sample> Numbers<'a> for &'a T {
    fn numbers(self) -> &'a [f32] {
        T::flatten(from_ref(self))
    }
}

impl<'a, T: Sample> Numbers<'a> for &'a [T] {
    fn numbers(self) -> &'a [f32] {
        T::flatten(self)
    }
}

impl<'a, T: Sample> Numbers<'a> for Sequences<'a, T> {
    fn numbers(self) -> &'a [f32] {
        T::flatten(self.steps())
    }
}

fn buffer<I: Input>(inputs: &[I]) -> I::Buffer {
    let mut buffer = I::Buffer::default();
    inputs.iter().for_each(|input| input.push(&mut buffer));
    buffer
}
