//! Trainings that are broken off and go on from their checkpoint.

use super::{Ring, bits, net, points, timeless, trainer};
use firmnet::prelude::*;
use std::path::Path;
use std::process::{Command, exit};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

type RingTrainer = Trainer<Ring, u8, Adam, CrossEntropyLoss>;

/// 100 samples in steps of 16: seven steps an epoch.
const STEPS: u32 = 7;

/// A trainer with all that could be lost on the way: dropout, shuffling, Adam, a schedule by the step, a plateau.
fn everything(checkpoint: &Path) -> RingTrainer {
    trainer()
        .epochs(6)
        .batch_size(16)
        .seed(5)
        .schedule_by_step(CosineAnnealingLr::new(10 * STEPS))
        .reduce_on_plateau(ReduceLrOnPlateau::new(0.02).patience(0).factor(0.5).threshold(0.1))
        .l2(1e-4)
        .clip_norm(1.0)
        .keep_best()
        .resume(checkpoint)
        .checkpoint_every(3)
}

/// The history and the bits of the network that come of a training.
fn outcome(mut trainer: RingTrainer) -> (History, Vec<u32>) {
    let mut net = net::<Ring>(0);
    let history = trainer.fit(&mut *net, points(100, 1), points(40, 2)).unwrap();
    (timeless(history), bits(&*net))
}

/// A metric that ends the process when it has been asked often enough; 140 times an epoch.
fn dying(trainer: RingTrainer, after: u32) -> RingTrainer {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    trainer.metric("accuracy", move |y: &[f32; 2], &target: &u8| {
        if ASKED.fetch_add(1, Ordering::Relaxed) + 1 == after {
            exit(7);
        }
        f32::from((y[1] > y[0]) == (target == 1))
    })
}

const DIE: &str = "FIRMNET_TEST_DIE_AFTER";
const FILE: &str = "FIRMNET_TEST_CHECKPOINT";

/// Runs the training in a process of its own, which dies when the metric is asked for the `after`th time. Says whether it died.
fn killed(checkpoint: &Path, after: u32) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["train::resume::what_is_killed_and_resumed_is_as_if_unbroken", "--exact"])
        .env(DIE, after.to_string())
        .env(FILE, checkpoint)
        .output()
        .unwrap()
        .status;
    assert!(status.success() || status.code() == Some(7), "{status}");
    !status.success()
}

#[test]
fn what_is_killed_and_resumed_is_as_if_unbroken() {
    if let (Ok(after), Ok(checkpoint)) = (std::env::var(DIE), std::env::var(FILE)) {
        outcome(dying(everything(checkpoint.as_ref()), after.parse().unwrap()));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let unbroken = outcome(dying(everything(&folder.path().join("unbroken")), u32::MAX));
    let history = &unbroken.0;
    assert!(history.epochs.len() == 6 && history.best.is_some(), "{history}");
    // The plateau was met, so that its state counts: the learning rate fell below the schedule's.
    let schedule = CosineAnnealingLr::new(10 * STEPS);
    assert!(history.last().unwrap().lr < 0.6 * schedule.lr(0.02, 6 * STEPS - 1), "{history}");

    // In the first steps, in the validation, right after an epoch, in the middle of one, and near the end.
    for after in [40, 60, 120, 141, 230, 800] {
        let checkpoint = folder.path().join(after.to_string());
        assert!(killed(&checkpoint, after));
        assert_eq!(checkpoint.exists(), after > 48);
        assert_eq!(outcome(dying(everything(&checkpoint), u32::MAX)), unbroken, "after {after}");
        // What is finished stays so.
        assert_eq!(outcome(dying(everything(&checkpoint), u32::MAX)), unbroken, "after {after}");
    }
    // Again and again.
    let checkpoint = folder.path().join("again");
    let deaths = (0..).take_while(|_| killed(&checkpoint, 95)).count();
    assert!(deaths > 6, "{deaths}");
    assert_eq!(outcome(dying(everything(&checkpoint), u32::MAX)), unbroken);
}

#[test]
fn a_finished_training_is_prolonged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run");
    let short = outcome(everything(&file).epochs(2));
    assert_eq!(short.0.epochs.len(), 2);
    let whole = outcome(everything(&folder.path().join("whole")));
    assert_eq!(outcome(everything(&file).checkpoint_every(5).threads(2)), whole);
}

#[test]
fn without_resume_it_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run");
    let first = outcome(everything(&file).epochs(2));
    let epochs = Arc::new(AtomicU32::new(0));
    let counted = |trainer: RingTrainer| {
        let counter = epochs.clone();
        trainer.epochs(2).on_epoch(move |_: &Epoch, _: &Ring| {
            counter.fetch_add(1, Ordering::Relaxed);
        })
    };
    assert_eq!(outcome(counted(everything(&file)).checkpoint(&file)), first);
    assert_eq!(epochs.swap(0, Ordering::Relaxed), 2);
    assert_eq!(outcome(counted(everything(&file))), first);
    assert_eq!(epochs.swap(0, Ordering::Relaxed), 0);
}

/// Early stopping and the best epoch are found again in the history.
#[test]
fn what_stopped_early_stays_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let set = |epochs, file: &str| {
        let stopping = EarlyStopping::new(2).min_delta(0.05);
        let checkpoint = folder.path().join(file);
        trainer().epochs(epochs).early_stopping(stopping).keep_best().resume(checkpoint)
    };
    let whole = outcome(set(50, "whole"));
    let count = whole.0.epochs.len() as u32;
    assert!((4..50).contains(&count), "{}", whole.0);
    outcome(set(count - 1, "parts"));
    assert_eq!(outcome(set(50, "parts")), whole);
    assert_eq!(outcome(set(50, "parts")), whole);
}

/// Resumes a training of two epochs with something else, which has to be refused with `expected`, and changes nothing.
#[track_caller]
fn refused<N: Network<Input = [f32; 2], Output = [f32; 2]>, O, L>(
    file: &Path,
    mut trainer: Trainer<N, u8, O, L>,
    samples: usize,
    expected: &str,
) where
    O: Optimizer + std::fmt::Debug + Send + Sync,
    L: Loss<[f32; 2], u8> + std::fmt::Debug + Send + Sync,
{
    let mut net = net::<N>(9);
    let before = (bits(&*net), std::fs::read(file).unwrap());
    let error = trainer.fit(&mut *net, &points(samples, 1), ()).unwrap_err().to_string();
    let error = error.replace(&*file.to_string_lossy(), "run");
    assert!(error.contains(expected), "{error}");
    assert_eq!((bits(&*net), std::fs::read(file).unwrap()), before);
}

#[test]
fn another_training_is_not_resumed() {
    network! {
        struct Smooth: [2] -> [2] { fc1: Linear(16), bn1: BatchNorm1d, Tanh, Dropout(0.1), fc2: Linear(2) }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let file = path.as_path();
    outcome(everything(file).epochs(2));
    let other = "`run` is of another training:\n  ";
    let end = "\nresume with the settings of the file; or give it another name, take its parameters with \
               `net.load`, and begin anew";
    refused(file, everything(file), 99, &format!("{other}samples: 100 in the file, 99 here{end}"));
    refused(
        file,
        everything(file).seed(6),
        100,
        &format!("{other}seed: 5 in the file, 6 here{end}"),
    );
    refused(
        file,
        everything(file).batch_size(8).clip_norm(2.0),
        100,
        &format!(
            "{other}batch_size: 16 in the file, 8 here\n  clip_norm: 1 in the file, 2 here{end}"
        ),
    );
    refused(file, everything(file).l1(0.1), 100, "l1: 0 in the file, 0.1 here");
    refused(file, everything(file).l2(0.1), 100, "l2: 0.0001 in the file, 0.1 here");
    refused(file, everything(file).clip_value(0.1), 100, "clip_value: none in the file, 0.1 here");
    refused(file, everything(file).shuffle(false), 100, "shuffle: true in the file, false here");
    refused(
        file,
        everything(file).monitor(Monitor::MetricMax),
        100,
        "monitor: Loss in the file, MetricMax here",
    );
    refused(
        file,
        everything(file).metric("hits", |_: &[f32; 2], _: &u8| 0.0),
        100,
        "metric: accuracy in the file, hits here",
    );
    let schedule = CosineAnnealingLr::new(11 * STEPS);
    refused(file, everything(file).schedule_by_step(schedule), 100, "schedule: Step 1 0.99");
    refused(file, everything(file).schedule(schedule), 100, " here");
    let plateau = ReduceLrOnPlateau::new(0.02).patience(7);
    refused(file, everything(file).reduce_on_plateau(plateau), 100, "patience: 7,");
    refused(file, trainer().resume(file), 100, "keep_best: true in the file, false here");

    let cross_entropy = CrossEntropyLoss::new();
    let adam = Trainer::<Ring, u8, _, _>::new(Adam::new(0.03), cross_entropy).resume(file);
    refused(file, adam, 100, "optimizer: Adam { lr: 0.02, betas: (0.9, 0.999), eps: 1e-8");
    let sgd = Trainer::<Ring, u8, _, _>::new(Sgd::new(0.02), cross_entropy).resume(file);
    refused(file, sgd, 100, "here\n  ");
    let smoothing = cross_entropy.label_smoothing(0.5);
    let loss = Trainer::<Ring, u8, _, _>::new(Adam::new(0.02), smoothing).resume(file);
    refused(file, loss, 100, "loss function: CrossEntropyLoss { weight: Equal");
    let smooth = Trainer::<Smooth, u8, _, _>::new(Adam::new(0.02), cross_entropy).resume(file);
    refused(
        file,
        smooth,
        100,
        "network: fc1: Linear [16], bn1: BatchNorm1d [16], ReLU: ReLU [16], Dropout: Dropout [16], fc2",
    );
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let file = path.as_path();
    net::<Ring>(0).save(file).unwrap();
    refused(file, everything(file), 100, "`run` is no checkpoint: it has no training in it");
    std::fs::write(file, b"{}").unwrap();
    refused(file, everything(file), 100, "`run`: it has only 2 bytes");

    // A checkpoint with a text changed, by as many characters.
    let whole = folder.path().join("whole");
    outcome(everything(&whole).epochs(2));
    let bytes = std::fs::read(&whole).unwrap();
    let change = |from: &str, to: &str, expected: &str| {
        assert_eq!(from.len(), to.len());
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let mut changed = bytes.clone();
        changed[at..at + to.len()].copy_from_slice(to.as_bytes());
        std::fs::write(file, changed).unwrap();
        refused(file, everything(file), 100, expected);
    };
    change("checkpoint\":\"1\"", "checkpoint\":\"2\"", "its format is 2, and 1 is read here");
    change("\"position", "\"positron", "it lacks the text `position");
    change(
        "seconds of the epoch)\":\"2 14 0 ",
        "seconds of the epoch)\":\"2 14 x ",
        "the number `x`",
    );
    change(
        "seconds of the epoch)\":\"2 14 0 ",
        "seconds of the epoch)\":\"2 14_0 ",
        "has not 4 numbers",
    );
    change(
        "seconds of the epoch)\":\"2 14 0 ",
        "seconds of the epoch)\":\"3 14 0 ",
        "is not of 3 epochs",
    );
    change(
        "validation metric, seconds)\":\"1 ",
        "validation metric, seconds)\":\"2 ",
        "is not of 2 epochs",
    );
    change("best.fc1.bias", "best.fc1.bigs", "`best.fc1.bias` [16] is missing");
    change(
        "optimizer.1.fc2.bias",
        "optimizer.2.fc2.bias",
        "`optimizer.2.fc2.bias` [2] is not expected",
    );
}

#[test]
fn the_network_of_a_checkpoint_is_loaded_and_nothing_else_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run");
    let (_, last) = outcome(trainer().epochs(2).checkpoint(&file));
    let mut loaded = net::<Ring>(9);
    loaded.load(&file).unwrap();
    assert_eq!(bits(&*loaded), last);

    network! {
        struct Wide: [2] -> [2] { fc1: Linear(17), ReLU, fc2: Linear(2) }
    }
    let error = net::<Wide>(0).load(&file).unwrap_err().to_string();
    assert!(
        error.contains("`model.fc1.weight` has the shape [16, 2], and [17, 2] is needed"),
        "{error}"
    );
}

/// A run that goes astray keeps its last good state.
#[test]
fn what_is_not_finite_is_never_written() {
    network! {
        struct One: [1] -> [1] { fc: Linear(1, bias = false) }
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run");
    let set = |lr: f32| {
        Trainer::new(Sgd::new(lr), MseLoss::new()).epochs(100).batch_size(1).checkpoint(&file)
    };
    let samples = [([1.0], [0.0])];
    let mut one = net::<One>(0);
    let error = set(1e3).fit(&mut *one, samples, ()).unwrap_err();
    let TrainError::NotFinite { epoch, checkpoint, .. } = &error else { panic!("{error}") };
    assert!(*epoch > 3 && checkpoint.as_ref() == Some(&file));
    let hint =
        format!("; `{0}` has the last good state, and `net.load(\"{0}\")` gets it", file.display());
    assert!(error.to_string().ends_with(&hint), "{error}");
    one.load(&file).unwrap();
    assert!(one.fc.weight[0][0].is_finite());

    // The last step of an epoch may spoil what its loss does not show yet.
    std::fs::remove_file(&file).unwrap();
    one.fc.weight = [[1e15]];
    let error = set(1e30).fit(&mut *one, samples, ()).unwrap_err();
    let text = "`fc.weight` is no longer finite after step 1 of epoch 1: a smaller learning rate or `clip_norm` may help";
    assert_eq!(error.to_string(), text);
    assert!(!file.exists());
}
