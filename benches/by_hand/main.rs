//! The smallest workloads beside programs that are written by hand for their sizes, in turn: `cargo bench --bench by_hand`. Prints medians, and
//! how many times as long firmnet takes. It needs a processor with AVX2.

#[cfg(target_arch = "x86_64")]
mod hand;
// Each program that uses it uses a part.
#[allow(dead_code)]
#[path = "../work/mod.rs"]
mod work;

fn main() {
    #[cfg(target_arch = "x86_64")]
    if hand::is_available() {
        return compare::all();
    }
    println!("nothing is compared: the programs by hand are for AVX2");
}

#[cfg(target_arch = "x86_64")]
mod compare {
    use std::hint::black_box;
    use std::time::Instant;

    use firmnet::prelude::*;

    use crate::hand::{Controller, Lstm, Mlp};
    use crate::work::{given, networks};

    /// Rounds, and how long each of both takes in one.
    const ROUNDS: usize = 41;
    const ROUND_NS: f64 = 2e6;

    pub fn all() {
        println!("{:<34} {:>9} {:>9} {:>7}", "", "by hand", "firmnet", "ratio");
        let net = given::filled::<networks::Controller>();
        let (prepared, mut memory) = (net.prepared(), Workspace::new());
        let (hand, x) = (Controller::of(&net), given::samples::<[f32; 16]>(1, 1)[0]);
        same(&hand.run(&x), prepared.forward(&x, &mut memory));
        row(
            "W1a: MLP 16-32-32-4, batch 1",
            || _ = black_box(hand.run(black_box(&x))),
            || _ = black_box(prepared.forward(black_box(&x), &mut memory)),
        );

        let net = given::filled::<networks::Mlp>();
        let (prepared, mut memory) = (net.prepared(), Workspace::new());
        let (hand, x) = (Mlp::of(&net), given::samples::<[f32; 784]>(1, 1)[0]);
        same(&hand.run(&x), prepared.forward(&x, &mut memory));
        row(
            "W1b: MLP 784-128-10, batch 1",
            || _ = black_box(hand.run(black_box(&x))),
            || _ = black_box(prepared.forward(black_box(&x), &mut memory)),
        );

        let net = given::filled::<networks::Amplifier>();
        let (prepared, mut stream) = (net.prepared(), networks::Amplifier::stream());
        let mut hand = Lstm::of(&net);
        for [x] in given::samples::<[f32; 1]>(64, 1) {
            same(&[hand.run(x)], prepared.step(&[x], &mut stream));
        }
        row(
            "W5: LSTM of 20, a sample of audio",
            || _ = black_box(hand.run(black_box(0.3))),
            || _ = black_box(prepared.step(black_box(&[0.3]), &mut stream)),
        );
    }

    fn same(by_hand: &[f32], y: &[f32]) {
        let largest = y.iter().fold(0.0_f32, |largest, y| largest.max(y.abs()));
        for (a, b) in by_hand.iter().zip(y) {
            assert!((a - b).abs() <= 1e-5 * largest, "{a} by hand, and {b}");
        }
    }

    fn row(name: &str, mut by_hand: impl FnMut(), mut ours: impl FnMut()) {
        let runs = (ROUND_NS / once(&mut by_hand, 1000)) as usize;
        let (mut hands, mut firmnets) = (vec![], vec![]);
        for _ in 0..ROUNDS {
            hands.push(once(&mut by_hand, runs));
            firmnets.push(once(&mut ours, runs));
        }
        let (hand, firmnet) = (median(hands), median(firmnets));
        println!("{name:<34} {hand:>6.1} ns {firmnet:>6.1} ns {:>7.2}", firmnet / hand);
    }

    /// Nanoseconds that a run takes.
    fn once(run: &mut impl FnMut(), runs: usize) -> f64 {
        let start = Instant::now();
        (0..runs).for_each(|_| run());
        start.elapsed().as_nanos() as f64 / runs as f64
    }

    fn median(mut times: Vec<f64>) -> f64 {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    }
}
