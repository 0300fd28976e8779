//! The training itself.

use core::borrow::Borrow;
use core::fmt::Debug;
use std::boxed::Box;
use std::path::PathBuf;
use std::time::Instant;
use std::vec::Vec;

use super::checkpoint::Checkpoint;
use super::error::TrainError;
use super::generator::{Purpose, generator};
use super::history::{Epoch, History, Score};
use super::progress::Progress;
use super::samples::Samples;
use super::tally::Tally;
use super::trainer::{Pace, Trainer};
use super::verdict::Verdict;
use crate::batch::{Input, Output};
use crate::loss::Compared;
use crate::memory::Workspace;
use crate::network::Network;
use crate::optim::{Optimizer, State};
use crate::{clip, penalty};
use rand_core::Rng;

/// Calls `work` on a pool of `threads` threads, or on the current one when `threads` is 0. On one of its threads: from outside, each parallel part
/// of a step would wake them anew.
pub(super) fn on_threads<R: Send>(
    threads: usize,
    work: impl FnOnce() -> R + Send,
) -> Result<R, TrainError> {
    if threads == 0 {
        return Ok(rayon::scope(|_| work()));
    }
    Ok(rayon::ThreadPoolBuilder::new().num_threads(threads).build()?.install(work))
}

/// A training on its way.
pub(super) struct Fit<'a, N: Network, T, O, L> {
    trainer: &'a mut Trainer<N, T, O, L>,
    net: &'a mut N,
    grad: Box<N>,
    optimizer: O,
    state: State<Vec<Box<N>>>,
    /// The parameters of the best epoch, where they are asked for.
    best: Option<Box<N>>,
    chunks: Chunks<N::Input, T>,
    verdict: Verdict,
    history: History,
    progress: Option<Progress>,
    now: Position,
    /// When the epoch began or was resumed, or was last written to a checkpoint.
    start: Instant,
    /// The checkpoint, once there is one.
    written: Option<PathBuf>,
}

/// Where a training stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Position {
    /// Epochs that are over.
    pub epoch: u32,
    /// Steps since the beginning.
    pub step: u32,
    /// Steps of the epoch.
    pub batch: usize,
    /// The samples of the epoch so far.
    pub tally: Tally,
    /// How long the epoch has taken in runs that were broken off.
    pub seconds: f64,
}

impl<'a, N, T, O, L> Fit<'a, N, T, O, L>
where
    N: Network,
    T: Send + Sync,
    O: Optimizer + Debug + Send + Sync,
    N::Output: Compared<L, T>,
    L: Debug + Send + Sync,
{
    pub fn new(trainer: &'a mut Trainer<N, T, O, L>, net: &'a mut N) -> Self {
        let optimizer = trainer.optimizer;
        Fit {
            grad: N::boxed_zero(),
            optimizer,
            state: optimizer.state(),
            best: trainer.keep_best.then(N::boxed_zero),
            chunks: Chunks::new(trainer.batch_size),
            verdict: Verdict::new(trainer.monitor, trainer.early_stopping, trainer.plateau),
            history: History { metric: trainer.metric_name(), ..History::default() },
            progress: None,
            now: Position::default(),
            start: Instant::now(),
            written: None,
            trainer,
            net,
        }
    }

    pub fn run(
        mut self,
        train: &impl Samples<N::Input, T>,
        validation: &impl Samples<N::Input, T>,
    ) -> Result<History, TrainError> {
        self.resume(train)?;
        while self.now.epoch < self.trainer.epochs && !self.verdict.stops() {
            self.start = Instant::now();
            let (number, epochs) = (self.now.epoch + 1, self.trainer.epochs);
            self.progress = (self.trainer.progress)
                .then(|| Progress::begin(number, epochs, train.count(), &self.history.metric));
            self.steps(train)?;
            let validation = self.validate(validation);
            let epoch = Epoch {
                number: self.now.epoch + 1,
                lr: self.lr(self.now.step.saturating_sub(1)),
                train: self.now.tally.score(),
                validation,
                seconds: self.seconds(),
            };
            self.end(epoch, train)?;
        }
        if let Some(best) = self.best.filter(|_| self.verdict.best().is_some()) {
            self.net.copy_from(&best);
        }
        Ok(self.history)
    }

    /// The steps of an epoch.
    fn steps(&mut self, train: &impl Samples<N::Input, T>) -> Result<(), TrainError> {
        let (epoch, seed) = (self.now.epoch, self.trainer.seed);
        let order =
            self.trainer.shuffle.then(|| generator(seed, Purpose::Order, epoch.into()).next_u64());
        let done = self.now.batch * self.trainer.batch_size;
        let mut samples = train.epoch(epoch, order).skip(done);
        while self.chunks.fill(&mut samples) {
            self.step()?;
            if self
                .trainer
                .checkpoint_every
                .is_some_and(|steps| self.now.step.is_multiple_of(steps))
            {
                self.checkpoint(train)?;
            }
        }
        if self.now.batch == 0 { Err(TrainError::NoSamples) } else { Ok(()) }
    }

    /// One step, on the batch that is collected.
    fn step(&mut self) -> Result<(), TrainError> {
        let lr = self.lr(self.now.step);
        self.optimizer.set_lr(lr);
        let (trainer, chunks, now) = (&*self.trainer, &mut self.chunks, &mut self.now);
        let mut rng = generator(trainer.seed, Purpose::Pass, now.step.into());
        let xs = N::Input::batch(&chunks.inputs);
        let mut pass = self.net.forward_training(xs, &mut chunks.memory, &mut rng);
        let mut loss = pass.loss(&trainer.loss, &chunks.targets);
        let mut tally = now.tally;
        trainer.measure(&mut tally, pass.output(), &chunks.targets);
        pass.gradient(self.net, &mut self.grad);

        let trained = trained::<N>(&|name| !trainer.is_frozen(name));
        loss += penalize(self.net, &mut *self.grad, &trained, trainer.l1, trainer.l2);
        tally.add_loss(N::Output::count(&trainer.loss, &chunks.targets), loss);
        (now.step, now.batch, now.tally) = (now.step + 1, now.batch + 1, tally);
        if !loss.is_finite() {
            let (epoch, step, checkpoint) = (now.epoch + 1, now.batch, self.written.clone());
            return Err(TrainError::NotFinite { epoch, step, loss, checkpoint });
        }
        if let Some(progress) = &self.progress {
            progress.step(&self.now.tally);
        }
        clip_all(&mut *self.grad, &trained, trainer.clip_value, trainer.clip_norm);
        let chosen = |name: &str| !trainer.is_frozen(name);
        self.optimizer.step_where(self.net, &self.grad, &mut self.state, chosen);
        if let Some(after_step) = &mut self.trainer.after_step {
            after_step(self.net);
        }
        Ok(())
    }

    /// The learning rate of a step of the epoch.
    fn lr(&self, step: u32) -> f32 {
        let base = self.verdict.plateau.map_or(self.trainer.optimizer.lr(), |plateau| plateau.lr);
        match &self.trainer.schedule {
            Some((Pace::Epoch, schedule)) => schedule.lr(base, self.now.epoch),
            Some((Pace::Step, schedule)) => schedule.lr(base, step),
            None => base,
        }
    }

    fn validate(&mut self, samples: &impl Samples<N::Input, T>) -> Option<Score> {
        let mut tally = Tally::default();
        let trainer = &*self.trainer;
        self.chunks.outputs(self.net, samples, |ys, ts| trainer.judge(&mut tally, ys, ts));
        (tally.samples > 0).then(|| tally.score())
    }

    /// Draws the conclusions from an epoch.
    fn end(&mut self, epoch: Epoch, train: &impl Samples<N::Input, T>) -> Result<(), TrainError> {
        self.check_finite()?;
        self.history.epochs.push(epoch);
        self.verdict.note(&epoch);
        self.history.best = self.verdict.best();
        if let Some(best) = self.best.as_mut().filter(|_| self.verdict.is_best()) {
            best.copy_from(self.net);
        }
        if let Some(progress) = self.progress.take() {
            progress.end(&epoch);
        }
        self.now = Position { epoch: epoch.number, step: self.now.step, ..Position::default() };
        self.start = Instant::now();
        self.checkpoint(train)?;
        if let Some(on_epoch) = &mut self.trainer.on_epoch {
            on_epoch(&epoch, self.net);
        }
        Ok(())
    }

    /// How long the epoch has taken.
    fn seconds(&self) -> f64 {
        self.now.seconds + self.start.elapsed().as_secs_f64()
    }

    fn check_finite(&self) -> Result<(), TrainError> {
        let astray = |i: &usize| self.net.tensor(*i).iter().any(|x| !x.is_finite());
        let Some(i) = (0..N::TENSORS.len()).find(astray) else { return Ok(()) };
        let (epoch, step) = (self.now.epoch + 1, self.now.batch);
        let (tensor, checkpoint) = (N::TENSORS[i].name.as_str(), self.written.clone());
        Err(TrainError::Diverged { epoch, step, tensor, checkpoint })
    }

    /// Writes a checkpoint, where one is asked for.
    fn checkpoint(&mut self, train: &impl Samples<N::Input, T>) -> Result<(), TrainError> {
        let Some(path) = self.trainer.checkpoint.clone() else { return Ok(()) };
        self.check_finite()?;
        let settings = self.trainer.settings(train.count());
        self.now.seconds = self.seconds();
        self.start = Instant::now();
        self.all().write(&path, settings)?;
        self.written = Some(path);
        Ok(())
    }

    /// Goes on from a checkpoint, where one is asked for and there.
    fn resume(&mut self, train: &impl Samples<N::Input, T>) -> Result<(), TrainError> {
        let Some(path) =
            self.trainer.checkpoint.clone().filter(|path| self.trainer.resume && path.exists())
        else {
            return Ok(());
        };
        let settings = self.trainer.settings(train.count());
        self.all().read(&path, &settings)?;
        self.history.epochs.iter().for_each(|epoch| self.verdict.note(epoch));
        self.history.best = self.verdict.best();
        self.written = Some(path);
        Ok(())
    }

    fn all(&mut self) -> Checkpoint<'_, N> {
        Checkpoint {
            net: self.net,
            state: &mut self.state,
            best: self.best.as_deref_mut(),
            now: &mut self.now,
            epochs: &mut self.history.epochs,
        }
    }
}

/// Samples, collected into batches, and the memory for their passes.
pub(super) struct Chunks<X: Input, T> {
    size: usize,
    pub inputs: X::Buffer,
    pub targets: Vec<T>,
    pub memory: Workspace,
}

impl<X: Input, T> Chunks<X, T> {
    pub fn new(size: usize) -> Self {
        let (inputs, targets, memory) = (X::Buffer::default(), Vec::new(), Workspace::new());
        Chunks { size, inputs, targets, memory }
    }

    /// Collects the next batch; says whether there is one.
    pub fn fill(&mut self, samples: &mut impl Iterator<Item = (impl Borrow<X>, T)>) -> bool {
        X::clear(&mut self.inputs);
        self.targets.clear();
        for (x, target) in samples.take(self.size) {
            x.borrow().push(&mut self.inputs);
            self.targets.push(target);
        }
        !self.targets.is_empty()
    }

    /// Calls `each` with the outputs of `net` for a batch and its targets, until all of `samples` are through.
    pub fn outputs<N>(
        &mut self,
        net: &N,
        samples: &impl Samples<X, T>,
        mut each: impl FnMut(<N::Output as Output>::Batch<'_>, &[T]),
    ) where
        N: Network<Input = X>,
    {
        let mut samples = samples.epoch(0, None);
        while self.fill(&mut samples) {
            let xs = X::batch(&self.inputs);
            each(net.forward_batch(xs, &mut self.memory), &self.targets);
        }
    }
}

/// Adds the penalties of the `trained` parameters to `grad`, and gives their sum.
fn penalize<N: Network>(net: &N, grad: &mut N, trained: &[usize], l1: f32, l2: f32) -> f32 {
    let mut sum = 0.0;
    for &i in trained {
        let (p, g) = (net.tensor(i), grad.tensor_mut(i));
        sum += if l1 == 0.0 { 0.0 } else { penalty::l1(l1, p, g) };
        sum += if l2 == 0.0 { 0.0 } else { penalty::l2(l2, p, g) };
    }
    sum
}

/// Clips the gradient of the `trained` parameters, first by value, then by the norm of what is left.
fn clip_all<N: Network>(grad: &mut N, trained: &[usize], value: Option<f32>, norm: Option<f32>) {
    if let Some(limit) = value {
        trained.iter().for_each(|&i| clip::by_value(grad.tensor_mut(i), limit));
    }
    if let Some(max_norm) = norm {
        let squares: f32 = trained.iter().map(|&i| clip::sum_of_squares(grad.tensor(i))).sum();
        let coefficient = clip::coefficient(squares.sqrt(), max_norm);
        trained.iter().for_each(|&i| clip::scale(grad.tensor_mut(i), coefficient));
    }
}

/// The places of the tensors that are trained, of those whose names are `chosen`.
fn trained<N: Network>(chosen: &dyn Fn(&str) -> bool) -> Vec<usize> {
    let is_trained = |&i: &usize| N::TENSORS[i].trained && chosen(N::TENSORS[i].name.as_str());
    (0..N::TENSORS.len()).filter(is_trained).collect()
}
