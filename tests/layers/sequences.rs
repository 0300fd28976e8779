//! Sequences of different lengths in one batch, and sequences that come step by step.

use firmnet::prelude::*;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

network! {
    /// Every step of a sentence gets a tag, from what is around it.
    struct Tagger {
        embedding: Embedding(11, 6), lstm: LSTM(5, bidirectional = true), hidden2tag: Linear(4),
    }
    fn forward(words: [..9]) -> [..9, 4] {
        LogSoftmax(hidden2tag(Dropout(lstm(embedding(words)), p = 0.0)))
    }
}

network! {
    /// A whole sequence gets one answer.
    struct Reader { conv: Conv1d(6, 3, padding = 1), gru: GRU(5), fc: Linear(3) }
    fn forward(x: [..12, 2]) -> [3] {
        let h = Transpose(0, 1)(Tanh(conv(Transpose(0, 1)(x))));
        let y = gru(h);
        fc(Concat(Last(y), Mean(y), Max(y)))
    }
}

// ANCHOR: live
network! {
    /// What comes later changes nothing about what is said now.
    struct Live { conv: Conv1d(6, 3, causal = true), lstm: LSTM(5), gru: GRU(4), fc: Linear(3) }
    fn forward(x: [..12, 2]) -> [..12, 3] {
        let h = Transpose(0, 1)(ReLU(conv(Transpose(0, 1)(x))));
        fc(gru(lstm(h)))
    }
}
// ANCHOR_END: live

fn sentences(rng: &mut SmallRng) -> (Vec<Seq<u32, 9>>, Vec<Seq<u8, 9>>) {
    let lengths = [4, 1, 9, 2, 7];
    let words = lengths.map(|len| (0..len).map(|_| rng.random_range(0..11)).collect::<Vec<u32>>());
    let tags = lengths.map(|len| (0..len).map(|_| rng.random_range(0..4)).collect::<Vec<u8>>());
    (
        words.iter().map(|words| Seq::new(words).unwrap()).collect(),
        tags.iter().map(|tags| Seq::new(tags).unwrap()).collect(),
    )
}

fn signals(rng: &mut SmallRng) -> Vec<Seq<[f32; 2], 12>> {
    let signal = |len: usize| -> Vec<[f32; 2]> {
        (0..len).map(|_| [rng.random_range(-1.0..1.0), rng.random_range(-1.0..1.0)]).collect()
    };
    [3, 12, 1, 8].map(signal).iter().map(|steps| Seq::new(steps).unwrap()).collect()
}

fn close(a: f32, b: f32) -> bool {
    (a - b).abs() <= 2e-6 * (1.0 + a.abs().max(b.abs()))
}

#[test]
fn a_sequence_is_treated_alike_whatever_is_beside_it() {
    let mut rng = SmallRng::seed_from_u64(5);
    let (net, (words, _)) = (Tagger::boxed(&mut rng), sentences(&mut rng));
    let (mut memory, mut one) = (Workspace::new(), Workspace::new());
    let tags = net.forward_batch(&words, &mut memory);
    assert_eq!(tags.len(), words.len());
    for (words, tags) in words.iter().zip(tags.iter()) {
        let alone = net.forward(words, &mut one);
        assert_eq!(alone.len(), words.len());
        assert_eq!(alone, tags);
    }

    let (net, x) = (Reader::boxed(&mut rng), signals(&mut rng));
    let y = net.forward_batch(&x, &mut memory);
    for (x, y) in x.iter().zip(y) {
        assert_eq!(net.forward(x, &mut one), y);
    }
}

#[test]
fn the_loss_is_the_mean_over_all_steps_that_are_brought() {
    let mut rng = SmallRng::seed_from_u64(6);
    let (mut net, (words, tags)) = (Tagger::boxed(&mut rng), sentences(&mut rng));
    let mut memory = Workspace::new();
    for loss in [
        NllLoss::new().weight([1.0, 0.5, 2.0, 3.0]),
        NllLoss::new().weight([1.0; 4]).ignore_index(2),
        NllLoss::new().weight([1.0; 4]).reduction(Reduction::Sum),
    ] {
        let (mut grad, mut sum) = (Tagger::boxed_zero(), Tagger::boxed_zero());
        let mut pass = net.forward_training(&words, &mut memory, &mut rng);
        let whole = pass.loss(&loss, &tags);
        pass.backward(&net, &mut grad);

        // One by one, and put together by hand.
        let share = |tags: &Seq<u8, 9>| loss.share_of(tags);
        let all: f32 = tags.iter().map(share).sum();
        let mut expected = 0.0;
        for (words, tags) in words.iter().zip(&tags) {
            let share = if loss.reduction == Reduction::Sum { 1.0 } else { share(tags) / all };
            let mut pass = net.forward_training(std::slice::from_ref(words), &mut memory, &mut rng);
            let one = pass.loss(&loss, std::slice::from_ref(tags));
            let mut part = Tagger::boxed_zero();
            pass.backward(&net, &mut part);
            if share > 0.0 {
                expected += share * one;
                for i in 0..Tagger::TENSORS.len() {
                    let parts = sum.tensor_mut(i).iter_mut().zip(part.tensor(i));
                    parts.for_each(|(sum, part)| *sum += share * part);
                }
            }
        }
        assert!(close(whole, expected), "{whole} {expected}");
        for i in 0..Tagger::TENSORS.len() {
            let pairs = grad.tensor(i).iter().zip(sum.tensor(i));
            for (&found, &expected) in pairs {
                let name = Tagger::TENSORS[i].name;
                assert!((found - expected).abs() < 2e-5, "{name}: {found} {expected}");
            }
        }
    }
}

trait ShareOf {
    fn share_of(&self, tags: &[u8]) -> f32;
}

impl ShareOf for NllLoss<[f32; 4]> {
    /// The weights of all tags that count.
    fn share_of(&self, tags: &[u8]) -> f32 {
        let counted = tags.iter().filter(|&&tag| Some(usize::from(tag)) != self.ignore_index);
        counted.map(|&tag| self.weight[usize::from(tag)]).sum()
    }
}

#[test]
fn step_by_step_is_the_whole_sequence() {
    let mut rng = SmallRng::seed_from_u64(7);
    let (net, x) = (Live::boxed(&mut rng), signals(&mut rng));
    // ANCHOR: step
    let (mut memory, mut stream) = (Workspace::new(), Live::stream());
    for x in &x {
        stream.reset();
        let whole = net.forward(x, &mut memory).to_vec();
        for (x, whole) in x.iter().zip(whole) {
            // The same, bit for bit.
            assert_eq!(net.step(x, &mut stream), &whole);
        }
    }
    // ANCHOR_END: step
    // There is no end to a stream.
    for _ in 0..100 {
        assert!(net.step(&[0.5, -0.5], &mut stream).iter().all(|y| y.is_finite()));
    }
}

#[test]
fn the_trainer_takes_sequences() {
    let mut rng = SmallRng::seed_from_u64(8);
    let (mut net, (words, tags)) = (Tagger::boxed(&mut rng), sentences(&mut rng));
    let mut trainer =
        Trainer::new(Adam::new(0.05), NllLoss::new()).epochs(60).batch_size(2).seed(3);
    let history = trainer.fit(&mut *net, (&words, &tags), ()).unwrap();
    assert!(history.epochs[59].train.loss < 0.2 * history.epochs[0].train.loss, "{history}");
    let score = trainer.evaluate(&net, (&words, &tags));
    assert_eq!(score.metric, Some(1.0), "all 23 words have their tags");
}

network! {
    struct Two { stem: Linear(8), class: Linear(3), size: Linear(1) }
    fn forward(x: [4]) -> ([3], [1]) {
        let h = Tanh(stem(x));
        (class(h), size(h))
    }
}

#[test]
fn several_outputs_have_a_weighted_loss_each() {
    let mut rng = SmallRng::seed_from_u64(9);
    let mut net = Two::boxed(&mut rng);
    let samples: Vec<_> = (0..30)
        .map(|i: i32| {
            let class = (i % 3) as u8;
            let x = [f32::from(class == 0), f32::from(class == 1), i as f32 / 30.0, 1.0];
            (x, (class, [i as f32 / 15.0]))
        })
        .collect();
    let loss = (CrossEntropyLoss::new(), Weighted(0.5, MseLoss::new()));
    let mut trainer = Trainer::new(Adam::new(0.02), loss).epochs(200).batch_size(10).seed(1);
    let history = trainer.fit(&mut *net, &samples, &samples).unwrap();
    let last = history.epochs.last().unwrap().validation.unwrap();
    assert!(last.loss < 0.02 && last.metric == Some(1.0), "{history}");
}

network! {
    struct Tracked { norm: InstanceNorm1d(track_running_stats = true, momentum = 0.5) }
    fn forward(x: [..9, 1]) -> [..9, 1] { Transpose(0, 1)(norm(Transpose(0, 1)(x))) }
}

/// Each sequence counts once, however long it is. A single step has a mean, and no variance.
#[test]
fn running_statistics_move_by_the_means_over_the_sequences() {
    let (mut net, mut memory) = (Tracked::boxed_zero(), Workspace::new());
    // Means 2, 8 and 5; variances without bias 1, 2 and none.
    let batch = [&[[1.0], [2.0], [3.0]][..], &[[7.0], [9.0]], &[[5.0]]];
    let batch = batch.map(|steps| Seq::new(steps).unwrap());
    net.norm.running_var = [4.0];
    let pass = net.forward_training(&batch, &mut memory, &mut SmallRng::seed_from_u64(0));
    let y = pass.output().steps().as_flattened();
    let far = 1.0 / (2.0f32 / 3.0 + 1e-5).sqrt();
    for (y, expected) in y.iter().zip([-far, 0.0, far, -1.0, 1.0, 0.0]) {
        assert!((y - expected).abs() < 1e-4, "{y} {expected}");
    }
    assert!(close(net.norm.running_mean[0], 2.5) && close(net.norm.running_var[0], 2.5));
}

#[test]
#[should_panic(expected = "a sequence of 2 steps, where 3 to 9 can come in")]
fn a_sequence_that_is_too_short_for_a_kernel_is_told_so() {
    network! {
        struct Wide { conv: Conv1d(1, 3) }
        fn forward(x: [..9, 1]) -> [1] { Mean(Transpose(0, 1)(conv(Transpose(0, 1)(x)))) }
    }
    let x = Seq::new(&[[0.5], [1.0]]).unwrap();
    Wide::boxed_zero().forward(&x, &mut Workspace::new());
}
