//! Any network as plain numbers: a batch of each input, of each output and of each gradient is one `Vec`, sample after sample.

use firmnet::batch::{Input, Output, Value};
use firmnet::infer::MAX_INPUTS;
use firmnet::memory::Workspace;
use firmnet::network::Network;
use firmnet::sample::Sample;
use firmnet::seq::Seq;
use rand::SeedableRng;
use rand::rngs::SmallRng;

/// A network whose type is forgotten, so that what is done with it is compiled once.
pub trait Used {
    /// The names of its tensors: `layer.weight`.
    fn names(&self) -> Vec<&'static str>;
    /// Tensor `i`.
    fn tensor(&mut self, i: usize) -> &mut [f32];
    /// What it gives for `n` samples in use. Each sequence brings as many steps as `lengths` says.
    fn forward_lengths(&self, n: usize, x: &[Vec<f32>], lengths: &[usize]) -> Vec<Vec<f32>>;
    /// What it gives for `n` samples in use.
    fn forward(&self, n: usize, x: &[Vec<f32>]) -> Vec<Vec<f32>> {
        self.forward_lengths(n, x, &[])
    }
}

/// The same, also to be trained.
pub trait Net: Used {
    /// A step in training, from the gradient of its one output. Each sequence brings as many steps as `lengths` says.
    fn train_lengths(&mut self, x: &[Vec<f32>], lengths: &[usize], dy: &[f32]) -> Step;
    /// A step in training, from the gradient of its one output.
    fn train(&mut self, x: &[Vec<f32>], dy: &[f32]) -> Step {
        self.train_lengths(x, &[], dy)
    }
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
pub fn net<N: Network<Input: In, Output: Out>>() -> Box<dyn Net> {
    Box::new(Typed(N::boxed_zero()))
}

/// The same, of which training is not even compiled.
pub fn used<N: Network<Input: In, Output: Out>>() -> Box<dyn Used> {
    Box::new(Typed(N::boxed_zero()))
}

struct Typed<N>(Box<N>);

impl<N: Network<Input: In, Output: Out>> Used for Typed<N> {
    fn names(&self) -> Vec<&'static str> {
        N::TENSORS.iter().map(|tensor| tensor.name.as_str()).collect()
    }

    fn tensor(&mut self, i: usize) -> &mut [f32] {
        self.0.tensor_mut(i)
    }

    fn forward_lengths(&self, n: usize, x: &[Vec<f32>], lengths: &[usize]) -> Vec<Vec<f32>> {
        let (mut memory, x) = (Workspace::new(), N::Input::collect(x, lengths));
        let batch = N::Input::batch(&x);
        assert_eq!(N::Input::count(batch), n, "samples");
        let y = N::Output::numbers(self.0.forward_batch(batch, &mut memory));
        y[..N::OUTPUTS.len()].iter().map(|y| y.to_vec()).collect()
    }
}

impl<N: Network<Input: In, Output: Out>> Net for Typed<N> {
    fn train_lengths(&mut self, x: &[Vec<f32>], lengths: &[usize], dy: &[f32]) -> Step {
        let (mut memory, mut rng) = (Workspace::new(), SmallRng::seed_from_u64(0));
        let samples = N::Input::collect(x, lengths);
        let batch = N::Input::batch(&samples);
        let mut pass = self.0.forward_training(batch, &mut memory, &mut rng);
        let [y, ..] = N::Output::numbers(pass.output());
        let y = y.to_vec();
        pass.loss_with(|_, to| N::Output::numbers_mut(to).copy_from_slice(dy));
        // Backward adds to the gradients of parameters, and overwrites those of inputs.
        let (mut grad, mut dx) = (N::boxed_zero(), x.to_vec());
        pass.backward_to_input(&self.0, &mut grad, N::Input::of_mut(&mut dx));
        let grads = (0..N::TENSORS.len()).map(|i| grad.tensor(i).to_vec()).collect();
        Step { y, dx, grads }
    }
}

/// What goes in.
pub trait In: Input {
    fn collect(numbers: &[Vec<f32>], lengths: &[usize]) -> Self::Buffer;
    fn of_mut(numbers: &mut [Vec<f32>]) -> Self::BatchMut<'_>;
}

/// What comes out.
pub trait Out: Output {
    fn numbers(batch: Self::Batch<'_>) -> [&[f32]; MAX_INPUTS];
    /// Those of the first part.
    fn numbers_mut(batch: Self::BatchMut<'_>) -> &mut [f32];
}

/// One input or output.
pub trait Port: Value {
    /// `numbers` as values; sequences are packed, and as long as `lengths` say.
    fn values(numbers: &[f32], lengths: &[usize]) -> Vec<Self>;
    fn flat<'a>(batch: Self::Batch<'a>) -> &'a [f32];
    fn flat_mut<'a>(batch: Self::BatchMut<'a>) -> &'a mut [f32];
}

macro_rules! ports {
    ($([$($generics:tt)*] $value:ty { $numbers:ident, $lengths:ident => $values:expr; $batch:ident => $steps:expr; $room:ident => $to:expr })*) => {$(
        impl<$($generics)*> Port for $value {
            fn values($numbers: &[f32], $lengths: &[usize]) -> Vec<Self> {
                $values
            }
            fn flat<'a>($batch: <Self as Value>::Batch<'a>) -> &'a [f32] {
                <Self as Value>::Part::flatten($steps)
            }
            fn flat_mut<'a>($room: <Self as Value>::BatchMut<'a>) -> &'a mut [f32] {
                <Self as Value>::Part::flatten_mut($to)
            }
        }

        impl<$($generics)*> In for $value {
            fn collect(numbers: &[Vec<f32>], lengths: &[usize]) -> Vec<Self> {
                Self::values(&numbers[0], lengths)
            }
            fn of_mut(numbers: &mut [Vec<f32>]) -> <Self as Input>::BatchMut<'_> {
                <Self as Value>::Part::group_mut(&mut numbers[0])
            }
        }

        impl<$($generics)*> Out for $value {
            fn numbers(batch: <Self as Output>::Batch<'_>) -> [&[f32]; MAX_INPUTS] {
                let mut numbers = [&[][..]; MAX_INPUTS];
                numbers[0] = Self::flat(batch);
                numbers
            }
            fn numbers_mut(batch: <Self as Output>::BatchMut<'_>) -> &mut [f32] {
                Self::flat_mut(batch)
            }
        }
    )*};
}

ports! {
    [] f32 { numbers, _lengths => numbers.to_vec(); batch => batch; room => room }
    [] u32 { numbers, _lengths => u32::group(numbers).to_vec(); batch => batch; room => room }
    [T: Sample, const N: usize] [T; N] {
        numbers, _lengths => Self::group(numbers).to_vec(); batch => batch; room => room
    }
    [T: Sample, const MOST: usize] Seq<T, MOST> {
        numbers, lengths => sequences(T::group(numbers), lengths);
        batch => batch.steps();
        room => room.into_steps()
    }
}

fn sequences<T: Sample, const MOST: usize>(
    mut steps: &[T],
    lengths: &[usize],
) -> Vec<Seq<T, MOST>> {
    let sequences = lengths.iter().map(|&len| {
        let (these, rest) = steps.split_at(len);
        steps = rest;
        Seq::new(these).expect("as many steps as can come in")
    });
    let sequences = sequences.collect();
    assert!(steps.is_empty(), "steps that belong to no sequence");
    sequences
}

macro_rules! several {
    ($(($($name:ident $i:tt),*))*) => {$(
        impl<$($name: Port),*> In for ($($name,)*) {
            fn collect(numbers: &[Vec<f32>], lengths: &[usize]) -> Self::Buffer {
                ($($name::values(&numbers[$i], lengths),)*)
            }
            fn of_mut(numbers: &mut [Vec<f32>]) -> Self::BatchMut<'_> {
                let mut numbers = numbers.iter_mut();
                ($({
                    let numbers = numbers.next().expect("numbers for each input");
                    <$name::Part as Sample>::group_mut(numbers)
                },)*)
            }
        }
        impl<$($name: Port),*> Out for ($($name,)*) {
            fn numbers(batch: Self::Batch<'_>) -> [&[f32]; MAX_INPUTS] {
                let mut numbers = [&[][..]; MAX_INPUTS];
                $(numbers[$i] = $name::flat(batch.$i);)*
                numbers
            }
            fn numbers_mut(batch: Self::BatchMut<'_>) -> &mut [f32] {
                A::flat_mut(batch.0)
            }
        }
    )*};
}

several! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
}
