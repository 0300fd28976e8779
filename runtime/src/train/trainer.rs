//! How a network is trained: the settings, and the two things to do with them.

use core::fmt::Debug;
use std::borrow::Cow;
use std::boxed::Box;
use std::format;
use std::path::PathBuf;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use super::checkpoint::{SCHEDULE, Settings, or_none, shown};
use super::early_stopping::EarlyStopping;
use super::error::TrainError;
use super::fit::{self, Chunks, Fit};
use super::history::{Epoch, History, Score};
use super::samples::Samples;
use super::tally::Tally;
use super::verdict::Monitor;
use crate::batch::Output;
use crate::loss::Compared;
use crate::network::Network;
use crate::optim::Optimizer;

use crate::schedule::{ReduceLrOnPlateau, Schedule};

/// Trains networks `N` towards targets `T`: an optimizer, a loss, and settings with defaults.
///
/// ```text
/// let mut trainer = Trainer::new(Adam::new(1e-3), CrossEntropyLoss::new())
///     .epochs(12)
///     .batch_size(64)
///     .schedule(StepLr::new(1).gamma(0.7))
///     .early_stopping(EarlyStopping::new(3))
///     .keep_best();
/// let history = trainer.fit(&mut net, &data.train, &data.test)?;
/// let score = trainer.evaluate(&net, &data.test);
/// ```
///
/// The same settings, network and samples give the same bits, with any number of threads.
pub struct Trainer<N, T, O, L> {
    pub(super) optimizer: O,
    pub(super) loss: L,
    pub(super) epochs: u32,
    pub(super) batch_size: usize,
    pub(super) seed: u64,
    pub(super) shuffle: bool,
    pub(super) schedule: Option<(Pace, Box<dyn Schedule + Send + Sync>)>,
    pub(super) plateau: Option<ReduceLrOnPlateau>,
    pub(super) frozen: Option<Box<Chosen>>,
    pub(super) l1: f32,
    pub(super) l2: f32,
    pub(super) clip_norm: Option<f32>,
    pub(super) clip_value: Option<f32>,
    pub(super) metric: Option<Metric<N, T>>,
    pub(super) monitor: Monitor,
    pub(super) early_stopping: Option<EarlyStopping>,
    pub(super) keep_best: bool,
    pub(super) threads: usize,
    pub(super) progress: bool,
    pub(super) checkpoint: Option<PathBuf>,
    pub(super) resume: bool,
    pub(super) checkpoint_every: Option<u32>,
    pub(super) on_epoch: Option<OnEpoch<N>>,
    pub(super) after_step: Option<AfterStep<N>>,
}

/// What a step of a schedule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    Epoch,
    Step,
}

pub(super) type OnEpoch<N> = Box<dyn FnMut(&Epoch, &N) + Send>;
pub(super) type AfterStep<N> = Box<dyn FnMut(&mut N) + Send>;

/// A number for each sample, with a name.
pub(super) struct Metric<N, T> {
    pub name: Cow<'static, str>,
    pub of: Box<dyn PerSample<N, T> + Send + Sync>,
}

/// A closure for each output of a network `N` and its target; it is asked only where `N` is one.
pub(super) trait PerSample<N, T> {
    fn of(&self, y: <N::Output as Output>::One<'_>, target: &T) -> f32
    where
        N: Network;
}

impl<N: Network, T, F> PerSample<N, T> for F
where
    F: for<'a> Fn(<N::Output as Output>::One<'a>, &T) -> f32,
{
    fn of(&self, y: <N::Output as Output>::One<'_>, target: &T) -> f32 {
        self(y, target)
    }
}

/// Whether the tensor of a name is meant.
type Chosen = dyn Fn(&str) -> bool + Send + Sync;

// Bounds stand where they are needed, so that the compiler complains once.
impl<N, T, O: Optimizer, L> Trainer<N, T, O, L> {
    /// One epoch, `batch_size = 32`, `seed = 0`, shuffled, and nothing else.
    pub fn new(optimizer: O, loss: L) -> Self {
        Trainer {
            optimizer,
            loss,
            epochs: 1,
            batch_size: 32,
            seed: 0,
            shuffle: true,
            schedule: None,
            plateau: None,
            frozen: None,
            l1: 0.0,
            l2: 0.0,
            clip_norm: None,
            clip_value: None,
            metric: None,
            monitor: Monitor::Loss,
            early_stopping: None,
            keep_best: false,
            threads: 0,
            progress: false,
            checkpoint: None,
            resume: false,
            checkpoint_every: None,
            on_epoch: None,
            after_step: None,
        }
    }

    /// How often the samples are gone through.
    pub fn epochs(self, epochs: u32) -> Self {
        Trainer { epochs, ..self }
    }
    /// Samples in a step. The last batch of an epoch may be shorter.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn batch_size(self, batch_size: usize) -> Self {
        assert!(batch_size > 0, "a batch has at least one sample");
        Trainer { batch_size, ..self }
    }
    /// Where the random numbers of shuffling and dropout come from.
    pub fn seed(self, seed: u64) -> Self {
        Trainer { seed, ..self }
    }
    /// Whether each epoch takes the samples in an order of its own.
    pub fn shuffle(self, shuffle: bool) -> Self {
        Trainer { shuffle, ..self }
    }
    /// Sets the learning rate of each epoch.
    pub fn schedule(self, schedule: impl Schedule + Send + Sync + 'static) -> Self {
        Trainer { schedule: Some((Pace::Epoch, Box::new(schedule))), ..self }
    }
    /// Sets the learning rate of each step.
    pub fn schedule_by_step(self, schedule: impl Schedule + Send + Sync + 'static) -> Self {
        Trainer { schedule: Some((Pace::Step, Box::new(schedule))), ..self }
    }
    /// Lets the learning rate fall when the [monitored](Self::monitor) value gets no better. With a schedule, it is the
    /// rate that the schedule starts from.
    ///
    /// # Panics
    /// When it does not begin at the learning rate of the optimizer.
    #[track_caller]
    pub fn reduce_on_plateau(self, plateau: ReduceLrOnPlateau) -> Self {
        let lr = self.optimizer.lr();
        assert!(
            plateau.lr == lr,
            "`ReduceLrOnPlateau` begins at the learning rate {}, and the optimizer at {lr}: give both the same",
            plateau.lr
        );
        Trainer { plateau: Some(plateau), ..self }
    }
    /// Leaves the parameters as they are whose names, as `encoder.conv1.weight`, are `frozen`.
    pub fn freeze(self, frozen: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Trainer { frozen: Some(Box::new(frozen)), ..self }
    }
    /// Adds the penalty `λ Σ |p|` of all trained parameters to the loss.
    pub fn l1(self, lambda: f32) -> Self {
        Trainer { l1: lambda, ..self }
    }
    /// Adds the penalty `λ Σ p²` of all trained parameters to the loss.
    pub fn l2(self, lambda: f32) -> Self {
        Trainer { l2: lambda, ..self }
    }
    /// Shrinks the gradient of a step to the 2-norm `max_norm` where it is larger, as PyTorch's `clip_grad_norm_`.
    pub fn clip_norm(self, max_norm: f32) -> Self {
        Trainer { clip_norm: Some(max_norm), ..self }
    }
    /// Keeps every number of the gradient within −limit ..= limit, as PyTorch's `clip_grad_value_`.
    pub fn clip_value(self, limit: f32) -> Self {
        Trainer { clip_value: Some(limit), ..self }
    }
    /// Measures something else than the accuracy: the mean over all samples of `of`, which is given an output and its target.
    pub fn metric(
        self,
        name: impl Into<Cow<'static, str>>,
        of: impl for<'a> Fn(<N::Output as Output>::One<'a>, &T) -> f32 + Send + Sync + 'static,
    ) -> Self
    where
        N: Network,
    {
        Trainer { metric: Some(Metric { name: name.into(), of: Box::new(of) }), ..self }
    }
    /// By what epochs are compared: the loss, unless told otherwise.
    pub fn monitor(self, monitor: Monitor) -> Self {
        Trainer { monitor, ..self }
    }
    /// Ends when the [monitored](Self::monitor) value gets no better.
    pub fn early_stopping(self, early_stopping: EarlyStopping) -> Self {
        Trainer { early_stopping: Some(early_stopping), ..self }
    }
    /// Leaves the network with the parameters of the best epoch, not of the last.
    pub fn keep_best(self) -> Self {
        Trainer { keep_best: true, ..self }
    }
    /// Computes on `threads` threads; with 0, on as many as rayon's pool has where [`fit`](Self::fit) is called.
    pub fn threads(self, threads: usize) -> Self {
        Trainer { threads, ..self }
    }
    /// Shows on standard error how the training goes: a bar with loss, metric and time left where that is a terminal, and a line
    /// for each epoch.
    pub fn progress(self) -> Self {
        Trainer { progress: true, ..self }
    }
    /// Writes the whole training to the file `path` after each epoch, so that it can be [resumed](Self::resume).
    pub fn checkpoint(self, path: impl Into<PathBuf>) -> Self {
        Trainer { checkpoint: Some(path.into()), resume: false, ..self }
    }
    /// As [`checkpoint`](Self::checkpoint), and goes on from `path` where it is there already: a training that was killed gives bit for
    /// bit what it would have given unbroken.
    ///
    /// Network, settings and samples have to be the same. Only `epochs`, `early_stopping`, `threads`, `progress`, `checkpoint_every` and
    /// `on_epoch` may change: so a finished training is prolonged.
    pub fn resume(self, path: impl Into<PathBuf>) -> Self {
        Trainer { checkpoint: Some(path.into()), resume: true, ..self }
    }
    /// Writes the [`checkpoint`](Self::checkpoint) also after every so many steps, for long epochs.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn checkpoint_every(self, steps: u32) -> Self {
        assert!(steps > 0, "a checkpoint is written after at least one step");
        Trainer { checkpoint_every: Some(steps), ..self }
    }
    /// Calls `on_epoch` after each epoch, with what came of it and the network as it is then.
    ///
    /// The compiler wants to be told the types: `|epoch: &Epoch, net: &Net| …`.
    pub fn on_epoch(self, on_epoch: impl FnMut(&Epoch, &N) + Send + 'static) -> Self {
        Trainer { on_epoch: Some(Box::new(on_epoch)), ..self }
    }
    /// Calls `after_step` with the network after each step, to hold it where it has to stay: connections that are pruned at 0, norms of
    /// rows below a limit, the weights of a critic in a box.
    ///
    /// A checkpoint knows nothing of it: to [resume](Self::resume), give the same one again.
    pub fn after_step(self, after_step: impl FnMut(&mut N) + Send + 'static) -> Self {
        Trainer { after_step: Some(Box::new(after_step)), ..self }
    }
}

impl<N, T, O, L> Trainer<N, T, O, L>
where
    N: Network,
    T: Send + Sync,
    O: Optimizer + Debug + Send + Sync,
    N::Output: Compared<L, T>,
    L: Debug + Send + Sync,
{
    /// Trains `net` on the samples `train`, and judges it after each epoch on those of `validation`: `()` for none.
    ///
    /// Each call is a training of its own: the optimizer and the schedule begin anew, `net` goes on from where it is.
    ///
    /// # Errors
    /// Where there are no samples, the loss is not finite, a checkpoint does not fit or cannot be written, or the system gives no
    /// threads ([`TrainError`]). `net` is then left as the last step left it.
    pub fn fit(
        &mut self,
        net: &mut N,
        train: impl Samples<N::Input, T>,
        validation: impl Samples<N::Input, T>,
    ) -> Result<History, TrainError> {
        let threads = self.threads;
        fit::on_threads(threads, || Fit::new(self, net).run(&train, &validation))?
    }

    /// The loss and the metric of `net` on `samples`. Without any sample, they are not numbers.
    pub fn evaluate(&self, net: &N, samples: impl Samples<N::Input, T>) -> Score {
        let mut tally = Tally::default();
        self.outputs(net, samples, |ys, targets| self.judge(&mut tally, ys, targets));
        tally.score()
    }

    /// Calls `each` for each sample of `samples`, in their order: with its place, what `net` gives for it, and its target. For
    /// confusion matrices, and to see what is wrong.
    pub fn predict(
        &self,
        net: &N,
        samples: impl Samples<N::Input, T>,
        mut each: impl for<'a> FnMut(usize, <N::Output as Output>::One<'a>, &T),
    ) {
        let mut places = 0..;
        self.outputs(net, samples, |ys, targets| {
            for ((y, target), place) in N::Output::each(ys).zip(targets).zip(&mut places) {
                each(place, y, target);
            }
        });
    }

    fn outputs(
        &self,
        net: &N,
        samples: impl Samples<N::Input, T>,
        each: impl FnMut(<N::Output as Output>::Batch<'_>, &[T]),
    ) {
        Chunks::new(self.batch_size).outputs(net, &samples, each);
    }

    pub(super) fn judge(
        &self,
        tally: &mut Tally,
        ys: <N::Output as Output>::Batch<'_>,
        targets: &[T],
    ) {
        tally.add_loss(
            N::Output::count(&self.loss, targets),
            N::Output::value(&self.loss, ys, targets),
        );
        self.measure(tally, ys, targets);
    }

    /// Adds the metric of each sample that has one, or its accuracy.
    pub(super) fn measure(
        &self,
        tally: &mut Tally,
        ys: <N::Output as Output>::Batch<'_>,
        targets: &[T],
    ) {
        for (y, target) in N::Output::each(ys).zip(targets) {
            match &self.metric {
                Some(metric) => tally.add_metric(metric.of.of(y, target)),
                None => N::Output::judge(&self.loss, y, target, &mut |accuracy| {
                    tally.add_metric(accuracy)
                }),
            }
        }
    }

    /// What has to be the same for a training to be resumed; `samples` are those of an epoch.
    pub(super) fn settings(&self, samples: Option<usize>) -> Settings {
        let layers = N::ROWS.iter().map(|row| format!("{}: {} {}", row.name, row.kind, row.output));
        vec![
            ("network", layers.collect::<Vec<_>>().join(", ")),
            ("optimizer", shown(&self.optimizer)),
            ("loss function", shown(&self.loss)),
            ("metric", self.metric_name()),
            ("samples", or_none(samples)),
            ("batch_size", self.batch_size.to_string()),
            ("seed", self.seed.to_string()),
            ("shuffle", self.shuffle.to_string()),
            (SCHEDULE, or_none(self.schedule.as_ref().map(|_| self.learning_rates(samples)))),
            ("reduce_on_plateau", or_none(self.plateau.as_ref().map(shown))),
            ("frozen", or_none(self.frozen_names())),
            ("l1", self.l1.to_string()),
            ("l2", self.l2.to_string()),
            ("clip_norm", or_none(self.clip_norm)),
            ("clip_value", or_none(self.clip_value)),
            ("monitor", shown(&self.monitor)),
            ("keep_best", self.keep_best.to_string()),
        ]
    }

    /// Whether the tensor of this name is to stay as it is.
    pub(super) fn is_frozen(&self, name: &str) -> bool {
        self.frozen.as_ref().is_some_and(|frozen| frozen(name))
    }

    fn frozen_names(&self) -> Option<String> {
        let names = N::TENSORS.iter().map(|tensor| tensor.name.as_str());
        let names: Vec<_> = names.filter(|name| self.is_frozen(name)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// A schedule may be a closure: it is known by the learning rates that it gives, at some of the times that will come.
    fn learning_rates(&self, samples: Option<usize>) -> String {
        let Some((pace, schedule)) = &self.schedule else { return String::new() };
        let steps = samples.map_or(0, |samples| samples.div_ceil(self.batch_size));
        let end = match pace {
            Pace::Epoch => self.epochs,
            Pace::Step => self.epochs.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX)),
        };
        let times = (0..32).chain((5..32).map(|power| 1 << power)).take_while(|&time| time < end);
        let lrs = times.map(|time| schedule.lr(1.0, time).to_string());
        format!("{pace:?} {}", lrs.collect::<Vec<_>>().join(" "))
    }

    pub(super) fn metric_name(&self) -> String {
        self.metric.as_ref().map_or("accuracy", |metric| &metric.name).to_string()
    }
}
