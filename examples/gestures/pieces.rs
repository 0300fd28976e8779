//! Pieces of the series: some to learn from, and some to be judged on.

use firmnet::prelude::*;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};

use crate::networks::{PASSAGE, WINDOW};
use crate::sensors::{Sample, Series};

/// What the convolutional network learns from, and what is done in it.
pub type Window = ([Sample; WINDOW], u8);
/// What the GRU learns from, and what is done at each of its samples.
pub type Passage = (Seq<Sample, PASSAGE>, Seq<u8, PASSAGE>);

/// Half overlapping.
pub fn windows(series: &[&Series]) -> Vec<Window> {
    pieces(series, WINDOW).map(|(samples, gesture)| window(samples, gesture)).collect()
}

/// Half overlapping.
pub fn passages(series: &[&Series]) -> Vec<Passage> {
    pieces(series, PASSAGE).map(|(samples, gesture)| passage(samples, gesture)).collect()
}

// ANCHOR: drawn
/// As many windows as [`windows`] gives, but [from anywhere](drawn).
pub fn drawn_windows(series: &[&Series], seed: u64) -> impl Iterator<Item = Window> {
    drawn(series, WINDOW, seed).into_iter().map(|(samples, gesture)| window(&samples, gesture))
}

/// As many passages as [`passages`] gives, but [from anywhere](drawn).
pub fn drawn_passages(series: &[&Series], seed: u64) -> impl Iterator<Item = Passage> {
    drawn(series, PASSAGE, seed).into_iter().map(|(samples, gesture)| passage(&samples, gesture))
}

/// Pieces from anywhere, in any order, each as from a watch that is worn a little differently.
fn drawn(series: &[&Series], length: usize, seed: u64) -> Vec<(Vec<Sample>, u8)> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut drawn = vec![];
    for series in series.iter().filter(|series| series.samples.len() >= length) {
        let last = series.samples.len() - length;
        for _ in 0..=last / (length / 2) {
            let (at, rotation) = (rng.random_range(0..=last), rotation(0.2, &mut rng));
            let samples = &series.samples[at..at + length];
            let turned = samples.iter().map(|sample| rotated(&rotation, sample));
            drawn.push((turned.collect(), series.gesture));
        }
    }
    drawn.shuffle(&mut rng);
    drawn
}
// ANCHOR_END: drawn

fn pieces<'a>(series: &[&'a Series], length: usize) -> impl Iterator<Item = (&'a [Sample], u8)> {
    series.iter().flat_map(move |series| {
        let windows = series.samples.windows(length).step_by(length / 2);
        windows.map(|samples| (samples, series.gesture))
    })
}

fn window(samples: &[Sample], gesture: u8) -> Window {
    (samples.try_into().expect("the length of a window"), gesture)
}

fn passage(samples: &[Sample], gesture: u8) -> Passage {
    let gestures = [gesture; PASSAGE];
    let fits = "the length of a passage";
    (Seq::new(samples).expect(fits), Seq::new(&gestures[..samples.len()]).expect(fits))
}

/// About each axis by up to `most` radians.
fn rotation(most: f32, rng: &mut impl Rng) -> [[f32; 3]; 3] {
    let [(sx, cx), (sy, cy), (sz, cz)] = [0; 3].map(|_| rng.random_range(-most..=most).sin_cos());
    [
        [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
        [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
        [-sy, cy * sx, cy * cx],
    ]
}

fn rotated(rotation: &[[f32; 3]; 3], &[ax, ay, az, wx, wy, wz]: &Sample) -> Sample {
    let turn = |[x, y, z]: [f32; 3]| rotation.map(|row| row[0] * x + row[1] * y + row[2] * z);
    let ([ax, ay, az], [wx, wy, wz]) = (turn([ax, ay, az]), turn([wx, wy, wz]));
    [ax, ay, az, wx, wy, wz]
}
