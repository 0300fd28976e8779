//! The code of the chapter *On a microcontroller*. It uses nothing but `core` and `firmnet`.

use firmnet::network::Rng;
use firmnet::prelude::*;

// ANCHOR: network
network! {
    /// Is the motor well? From 32 readings of its vibration.
    #[budget(flash = "3 KiB", ram = "512 B")]
    pub struct Motor: [32] -> [2] {
        fc1: Linear(16), ReLU,
        fc2: Linear(2),
    }
}
// ANCHOR_END: network

// ANCHOR: facts
const _: () = assert!(Motor::PARAMETERS == 32 * 16 + 16 + 16 * 2 + 2);
const _: () = assert!(Motor::MACS == 32 * 16 + 16 * 2);
const _: () = assert!(size_of::<Motor>() == Motor::PARAMETERS * 4);
// ANCHOR_END: facts

// ANCHOR: infer
/// Whether the motor is well.
fn is_well(net: &Motor, readings: &[f32; 32]) -> bool {
    let mut memory = Motor::workspace();
    let [well, ill] = net.forward(readings, &mut memory);
    well > ill
}
// ANCHOR_END: infer

// ANCHOR: train
const BATCH: usize = 8;

/// All that training takes, of a size that the compiler knows: for a `static`.
struct Training {
    net: Motor,
    grad: Motor,
    state: State<[Motor; 2]>,
    memory: Arena<{ Motor::TRAINING.len(BATCH) }>,
}

impl Training {
    const fn new() -> Self {
        Training { net: Motor::ZERO, grad: Motor::ZERO, state: State::new(), memory: Arena::new() }
    }

    /// One step on what was just measured, and the loss before it.
    fn step(&mut self, readings: &[[f32; 32]; BATCH], ill: &[u8; BATCH], rng: &mut dyn Rng) -> f32 {
        let mut pass = self.net.forward_training(readings, &mut self.memory, rng);
        let loss = pass.loss(&CrossEntropyLoss::new(), ill);
        pass.gradient(&self.net, &mut self.grad);
        Adam::new(0.01).step(&mut self.net, &self.grad, &mut self.state);
        loss
    }
}
// ANCHOR_END: train

#[test]
fn it_learns_on_the_device() {
    use rand::SeedableRng;
    let mut rng = rand::rngs::StdRng::seed_from_u64(3);
    // A motor that is ill shakes at another frequency.
    let vibration = |ill: bool, phase: f32| {
        core::array::from_fn(|i| (phase + i as f32 * if ill { 0.9 } else { 0.3 }).sin())
    };
    let mut training = Training::new();
    training.net.init(&mut rng);
    let ill = core::array::from_fn(|i| u8::from(i % 2 == 1));
    let mut losses = [0.0; 100];
    for (step, loss) in losses.iter_mut().enumerate() {
        let phase = |i: usize| (step * BATCH + i) as f32;
        let readings = core::array::from_fn(|i| vibration(i % 2 == 1, phase(i)));
        *loss = training.step(&readings, &ill, &mut rng);
    }
    assert!(losses[99] < 0.2 * losses[0], "{losses:?}");
    assert!(is_well(&training.net, &vibration(false, 0.5)));
    assert!(!is_well(&training.net, &vibration(true, 0.5)));
}

mod flash {
    use super::*;

    // ANCHOR: weights
    network! {
        /// Both bits, or one, or none.
        pub struct Xor: [2] -> [1] {
            fc1: Linear(8), ReLU,
            fc2: Linear(1),
        }
    }

    static XOR: Xor = include_weights!(Xor, "xor.safetensors");
    // ANCHOR_END: weights

    /// The file is what the example `xor` learns.
    #[test]
    fn the_weights_are_in_flash() {
        let answer = |x| XOR.forward(&x, &mut Xor::workspace())[0];
        for (x, expected) in [([0., 0.], 0.0), ([0., 1.], 1.0), ([1., 0.], 1.0), ([1., 1.], 0.0)] {
            assert!((answer(x) - expected).abs() < 1e-2, "{x:?}: {}", answer(x));
        }
    }
}
