//! Any network as plain numbers: a batch of each input, of each output and of each gradient is one `Vec`, sample after sample.

use std::array::from_fn;

use firmnet::batch::{Input, Output};
use firmnet::infer::MAX_INPUTS;
use firmnet::memory::Workspace;
use firmnet::network::Network;
use rand::SeedableRng;
use rand::rngs::SmallRng;

/// A network whose type is forgotten, so that what is done with it is compiled once.
pub trait Used {
    /// The names of its tensors: `layer.weight`.
    fn names(&self) -> Vec<&'static str>;
    /// Tensor `i`.
    fn tensor(&mut self, i: usize) -> &mut [f32];
    /// What it gives for `n` samples in use.
    fn forward(&self, n: usize, x: &[Vec<f32>]) -> Vec<Vec<f32>>;
}

/// The same, also to be trained.
pub trait Net: Used {
    /// A step in training, from the gradient of its one output.
    fn train(&mut self, n: usize, x: &[Vec<f32>], dy: &[f32]) -> Step;
}

/// What came out of a step.
pub struct Step {
    pub y: Vec<f32>,
    /// The gradient by each input.
    pub dx: Vec<Vec<f32>>,
    /// The gradient by each tensor.
    pub grads: Vec<Vec<f32>>,
}

/// A network of this type, all its parameters zero.
pub fn net<N: Network<Input: Port, Output: Port>>() -> Box<dyn Net> {
    Box::new(Typed(N::boxed_zero()))
}

/// The same, of which training is not even compiled.
pub fn used<N: Network<Input: Port, Output: Port>>() -> Box<dyn Used> {
    Box::new(Typed(N::boxed_zero()))
}

struct Typed<N>(Box<N>);

impl<N: Network<Input: Port, Output: Port>> Used for Typed<N> {
    fn names(&self) -> Vec<&'static str> {
        N::TENSORS.iter().map(|tensor| tensor.name.as_str()).collect()
    }

    fn tensor(&mut self, i: usize) -> &mut [f32] {
        self.0.tensor_mut(i)
    }

    fn forward(&self, n: usize, x: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let mut memory = Workspace::new();
        let (samples, y) = N::Output::numbers(self.0.forward_batch(N::Input::of(x), &mut memory));
        assert_eq!(samples, n, "samples");
        y[..N::OUTPUTS.len()].iter().map(|y| y.to_vec()).collect()
    }
}

impl<N: Network<Input: Port, Output: Port>> Net for Typed<N> {
    fn train(&mut self, n: usize, x: &[Vec<f32>], dy: &[f32]) -> Step {
        let (mut memory, mut rng) = (Workspace::new(), SmallRng::seed_from_u64(0));
        let mut pass = self.0.forward_training(N::Input::of(x), &mut memory, &mut rng);
        let (samples, [y, ..]) = N::Output::numbers(pass.output());
        assert_eq!(samples, n, "samples");
        let y = y.to_vec();
        pass.loss_with(|_, to| N::Output::numbers_mut(to).copy_from_slice(dy));
        // Backward adds to the gradients of parameters, and overwrites those of inputs.
        let (mut grad, mut dx) = (N::boxed_zero(), x.to_vec());
        pass.backward_to_input(&self.0, &mut grad, N::Input::of_mut(&mut dx));
        let grads = (0..N::TENSORS.len()).map(|i| grad.tensor(i).to_vec()).collect();
        Step { y, dx, grads }
    }
}

/// What goes in or comes out. Every sample and every tuple of samples may do both, so that numbers become a batch and back.
pub trait Port: Input + Output {
    fn of(numbers: &[Vec<f32>]) -> <Self as Input>::Batch<'_>;
    fn of_mut(numbers: &mut [Vec<f32>]) -> <Self as Input>::BatchMut<'_>;
    fn numbers(batch: <Self as Output>::Batch<'_>) -> (usize, [&[f32]; MAX_INPUTS]);
    /// Those of the first part.
    fn numbers_mut(batch: <Self as Output>::BatchMut<'_>) -> &mut [f32];
}

impl<T: Input + Output> Port for T
where
    for<'a> T:
        Input<Batch<'a> = <T as Output>::Batch<'a>, BatchMut<'a> = <T as Output>::BatchMut<'a>>,
{
    fn of(numbers: &[Vec<f32>]) -> <Self as Input>::Batch<'_> {
        <T as Output>::batch(from_fn(|i| numbers.get(i).map_or(&[][..], |x| x)))
    }
    fn of_mut(numbers: &mut [Vec<f32>]) -> <Self as Input>::BatchMut<'_> {
        let mut parts = numbers.iter_mut();
        let parts = from_fn(|_| parts.next().map(Vec::as_mut_slice).unwrap_or_default());
        <T as Output>::batch_mut(parts)
    }
    fn numbers(batch: <Self as Output>::Batch<'_>) -> (usize, [&[f32]; MAX_INPUTS]) {
        T::slices(batch)
    }
    fn numbers_mut(batch: <Self as Output>::BatchMut<'_>) -> &mut [f32] {
        let [first, ..] = T::slices_mut(batch).1;
        first
    }
}
