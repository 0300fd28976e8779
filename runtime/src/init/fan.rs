//! How many numbers meet in a weight, and by how much a nonlinearity shrinks them.

/// The inputs that one output of a weight sees, and the outputs that see one input.
///
/// As PyTorch counts them: a weight is `[out][in]` followed by the axes of its window.
///
/// ```
/// use firmnet_runtime::init::Fan;
///
/// assert_eq!(Fan::of(&[64, 32, 3, 3]), Fan { fan_in: 288, fan_out: 576 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fan {
    /// Inputs of one output.
    pub fan_in: usize,
    /// Outputs of one input.
    pub fan_out: usize,
}

impl Fan {
    /// The fans of a weight of the given shape. An axis that is not there counts 1 (PyTorch refuses fewer than two).
    pub const fn of(shape: &[usize]) -> Fan {
        let (mut window, mut axis) = (1, 2);
        while axis < shape.len() {
            window *= shape[axis];
            axis += 1;
        }
        let outputs = if shape.is_empty() { 1 } else { shape[0] };
        let inputs = if shape.len() < 2 { 1 } else { shape[1] };
        Fan { fan_in: inputs * window, fan_out: outputs * window }
    }

    pub(super) const fn mode(self, mode: FanMode) -> usize {
        match mode {
            FanMode::FanIn => self.fan_in,
            FanMode::FanOut => self.fan_out,
        }
    }
}

/// Which pass keeps its variance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FanMode {
    /// The forward pass.
    #[default]
    FanIn,
    /// The backward pass.
    FanOut,
}

/// What follows a weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nonlinearity {
    /// Nothing.
    Linear,
    /// `Sigmoid`.
    Sigmoid,
    /// `Tanh`.
    Tanh,
    /// `ReLU`.
    Relu,
    /// `LeakyReLU` with this slope: the `a` of PyTorch's `kaiming_uniform_`.
    LeakyRelu(f32),
    /// `SELU`.
    Selu,
}

/// By what a weight is enlarged to make up for the nonlinearity after it, as PyTorch's `calculate_gain`.
///
/// ```
/// use firmnet_runtime::init::{Nonlinearity, calculate_gain};
///
/// assert_eq!(calculate_gain(Nonlinearity::Relu), 2.0_f32.sqrt());
/// ```
pub fn calculate_gain(nonlinearity: Nonlinearity) -> f32 {
    match nonlinearity {
        Nonlinearity::Linear | Nonlinearity::Sigmoid => 1.0,
        Nonlinearity::Tanh => 5.0 / 3.0,
        Nonlinearity::Relu => core::f32::consts::SQRT_2,
        Nonlinearity::LeakyRelu(slope) => crate::kernel::sqrt(2.0 / (1.0 + slope * slope)),
        Nonlinearity::Selu => 0.75,
    }
}
