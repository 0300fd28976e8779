//! Trains a network as a microcontroller does: all memory is static, and what is asked of the allocator is counted.

mod sequences;

use std::sync::Mutex;

use firmnet::prelude::*;
use rand_xoshiro::Xoshiro128PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

network! {
    /// Which of two half-moons a point is on.
    struct Moons: [2] -> [2] {
        fc1: Linear(16), ReLU, Dropout(0.05),
        fc2: Linear(16), Tanh,
        fc3: Linear(2),
    }
}

const BATCH: usize = 32;

/// All that training takes.
struct Training {
    net: Moons,
    grad: Moons,
    state: State<[Moons; 2]>,
    memory: Arena<{ Moons::TRAINING.len(BATCH) }>,
}

static TRAINING: Mutex<Training> = Mutex::new(Training {
    net: Moons::ZERO,
    grad: Moons::ZERO,
    state: State::new(),
    memory: Arena::new(),
});

fn main() {
    let (mut loss, mut right) = (0.0, 0);
    let asked = allocation_counter::measure(|| (loss, right) = train());
    println!("loss {loss:.4}, {right} of {BATCH} right, {} allocations", asked.count_total);
    assert!(right >= BATCH - 1 && asked.count_total == 0);
    sequences::check();
}

/// The last loss, and how many points of a batch are then told right.
fn train() -> (f32, usize) {
    let Training { net, grad, state, memory } = &mut *TRAINING.lock().expect("one thread");
    let mut rng = Xoshiro128PlusPlus::seed_from_u64(0);
    net.init(&mut rng);
    let mut adam = Adam::new(0.01);
    let (schedule, mut loss) = (CosineAnnealingLr::new(400), 0.0);
    for step in 0..400 {
        adam.set_lr(schedule.lr(0.01, step));
        let (xs, targets) = batch(&mut rng);
        let mut pass = net.forward_training(&xs, memory, &mut rng);
        loss = pass.loss(&CrossEntropyLoss::new(), &targets);
        pass.gradient(net, grad);
        adam.step(net, grad, state);
    }
    let (xs, targets) = batch(&mut rng);
    let ys = net.forward_batch(&xs, memory);
    (loss, ys.iter().zip(targets).filter(|(y, t)| usize::from(y[1] > y[0]) == *t).count())
}

/// Points on the moons, and on which.
fn batch(rng: &mut impl Rng) -> ([[f32; 2]; BATCH], [usize; BATCH]) {
    let targets = core::array::from_fn(|i| i % 2);
    let points = targets.map(|moon| {
        let angle = core::f32::consts::PI * (rng.next_u32() >> 8) as f32 / (1 << 24) as f32;
        let (sin, cos) = angle.sin_cos();
        if moon == 0 { [cos, sin] } else { [1.0 - cos, 0.5 - sin] }
    });
    (points, targets)
}
