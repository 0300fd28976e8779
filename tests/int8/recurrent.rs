//! Recurrent layers in bytes: near the same in `f32`, whole and step by step.

use firmnet::prelude::*;
use rand::{RngExt, SeedableRng, rngs::StdRng};

network! {
    #[quantize(i8)]
    pub struct Follow: [..24, 6] -> [..24, 5] { lstm: LSTM(13), fc: Linear(5) }
}
network! {
    #[quantize(i8)]
    pub struct Judge: [..24, 6] -> [5] { gru: GRU(13, last = true), fc: Linear(5) }
}

type Steps = Seq<[f32; 6], 24>;

/// Waves with some noise.
fn sequences() -> Vec<Steps> {
    let mut rng = StdRng::seed_from_u64(1);
    let mut step = |t: usize| {
        let wave = |i: usize| (0.2 * (t * (i + 1)) as f32).sin();
        core::array::from_fn(|i| wave(i) + rng.random_range(-0.5..0.5))
    };
    let mut sequence = || Seq::new(&(0..24).map(&mut step).collect::<Vec<_>>()).unwrap();
    (0..40).map(|_| sequence()).collect()
}

#[test]
fn lstm_and_gru_are_near() {
    let (follow, judge) =
        (Follow::boxed(&mut StdRng::seed_from_u64(2)), Judge::boxed(&mut StdRng::seed_from_u64(2)));
    let samples = sequences();
    let reports = [
        FollowInt8::quantize(&follow, &samples, Calibration::MinMax).compare(&follow, &samples),
        JudgeInt8::quantize(&judge, &samples, Calibration::MinMax).compare(&judge, &samples),
    ];
    for report in reports {
        assert_eq!(report.rows.len(), 2);
        // Steps of 1/128, of numbers below ½: with what the last steps bring, not much more than one is lost.
        assert!(report.rows[0].max_error < 1.5 / 128.0, "{report}");
        assert!(report.rows.iter().all(|row| row.sqnr > 33.0), "{report}");
    }
}

#[test]
fn steps_give_what_the_whole_gives() {
    let follow = Follow::boxed(&mut StdRng::seed_from_u64(2));
    let judge = Judge::boxed(&mut StdRng::seed_from_u64(2));
    let samples = sequences();
    let follow = FollowInt8::quantize(&follow, &samples, Calibration::MinMax);
    let judge = JudgeInt8::quantize(&judge, &samples, Calibration::MinMax);
    let mut memory = Workspace::new();
    let (mut following, mut judging) = (FollowInt8::stream(), JudgeInt8::stream());
    for steps in &samples {
        let (mut x, mut z, mut last) = ([0; 144], [0; 144], [0; 5]);
        follow.quantize_input(steps, &mut x);
        judge.quantize_input(steps, &mut z);
        let whole = *follow.forward(&x, &mut memory);
        following.reset();
        judging.reset();
        let (x, z) = (x.as_chunks().0, z.as_chunks().0);
        for ((x, z), y) in x.iter().zip(z).zip(whole.as_chunks().0) {
            assert_eq!(follow.step(x, &mut following), y);
            last = *judge.step(z, &mut judging);
        }
        assert_eq!(*judge.forward(z.as_flattened().try_into().unwrap(), &mut memory), last);
    }
}
