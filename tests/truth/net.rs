//! Any network as plain numbers: a batch of each input, of each output and of each gradient is one `Vec`, sample after sample.

use std::array::from_fn;

use firmnet::batch::{Input, Output};
use firmnet::memory::Workspace;
use firmnet::network::Network;
use rand::SeedableRng;
use rand::rngs::SmallRng;

/// A network whose type is forgotten, so that what is done with it is compiled once.
pub trait Net {
    /// The names of its tensors: `layer.weight`.
    fn names(&self) -> Vec<&'static str>;
    /// Tensor `i`.
    fn tensor(&mut self, i: usize) -> &mut [f32];
    /// What it gives for `n` samples in use.
    fn forward(&self, n: usize, x: &[Vec<f32>]) -> Vec<Vec<f32>>;
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
pub fn net<N: Network>() -> Box<dyn Net>
where
    N::Input: Output,
    N::Output: Input,
    for<'a> N::Input: Input<
            Batch<'a> = <N::Input as Output>::Batch<'a>,
            BatchMut<'a> = <N::Input as Output>::BatchMut<'a>,
        >,
    for<'a> N::Output: Input<
            Batch<'a> = <N::Output as Output>::Batch<'a>,
            BatchMut<'a> = <N::Output as Output>::BatchMut<'a>,
        >,
{
    Box::new(Typed(N::boxed_zero()))
}

struct Typed<N>(Box<N>);

impl<N: Network> Net for Typed<N>
where
    N::Input: Output,
    N::Output: Input,
    for<'a> N::Input: Input<
            Batch<'a> = <N::Input as Output>::Batch<'a>,
            BatchMut<'a> = <N::Input as Output>::BatchMut<'a>,
        >,
    for<'a> N::Output: Input<
            Batch<'a> = <N::Output as Output>::Batch<'a>,
            BatchMut<'a> = <N::Output as Output>::BatchMut<'a>,
        >,
{
    fn names(&self) -> Vec<&'static str> {
        N::TENSORS.iter().map(|tensor| tensor.name.as_str()).collect()
    }

    fn tensor(&mut self, i: usize) -> &mut [f32] {
        self.0.tensor_mut(i)
    }

    fn forward(&self, n: usize, x: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let mut memory = Workspace::new();
        let y = self.0.forward_batch(<N::Input as Output>::batch(slices(x)), &mut memory);
        let (samples, y) = N::Output::slices(y);
        assert_eq!(samples, n, "samples");
        y[..N::OUTPUTS.len()].iter().map(|y| y.to_vec()).collect()
    }

    fn train(&mut self, n: usize, x: &[Vec<f32>], dy: &[f32]) -> Step {
        let (mut memory, mut rng) = (Workspace::new(), SmallRng::seed_from_u64(0));
        let mut pass =
            self.0.forward_training(<N::Input as Output>::batch(slices(x)), &mut memory, &mut rng);
        let (samples, [y, ..]) = N::Output::slices(pass.output());
        assert_eq!(samples, n, "samples");
        let y = y.to_vec();
        pass.loss_with(|_, to| N::Output::slices_mut(to).1[0].copy_from_slice(dy));
        // Backward adds to the gradients of parameters, and overwrites those of inputs.
        let (mut grad, mut dx) = (N::boxed_zero(), x.to_vec());
        let mut slices = dx.iter_mut();
        let slices = from_fn(|_| slices.next().map(Vec::as_mut_slice).unwrap_or_default());
        pass.backward_to_input(&self.0, &mut grad, <N::Input as Output>::batch_mut(slices));
        let grads = (0..N::TENSORS.len()).map(|i| grad.tensor(i).to_vec()).collect();
        Step { y, dx, grads }
    }
}

fn slices(x: &[Vec<f32>]) -> [&[f32]; firmnet::infer::MAX_INPUTS] {
    from_fn(|i| x.get(i).map_or(&[][..], |x| x))
}
