//! A training in a file, to go on from.
//!
//! One safetensors file has all of it: `model.conv1.weight` is of the network, `optimizer.0.conv1.weight` of the first
//! slot of the optimizer, `best.conv1.weight` of the best epoch; settings, position and history are texts beside them. There
//! is no state of a generator, for random numbers follow from the seed and the position ([`generator`](super::generator)), and
//! none of schedules and early stopping, which follow from the position and the history ([`Verdict`](super::verdict::Verdict)).

use core::fmt::{Debug, Display};
use core::str::FromStr;
use std::boxed::Box;
use std::format;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

use super::error::TrainError;
use super::fit::Position;
use super::history::{Epoch, Score};
use super::tally::Tally;
use crate::io::network::{CHECKPOINT, copy, shapes};
use crate::io::safetensors::{File, Metadata, write};
use crate::network::Network;
use crate::optim::State;

/// What the file says of its format.
const FORMAT: &str = "1";

/// Settings by name, as a file has them and a trainer: a training goes on only with the same.
pub(super) type Settings = Vec<(&'static str, String)>;

/// The setting that grows with the number of epochs: it is the same when it is as far as both go.
pub(super) const SCHEDULE: &str = "schedule";

/// All that a training is made of. `net` is what it trains.
pub(super) struct Checkpoint<'a, N> {
    pub net: &'a mut N,
    pub state: &'a mut State<Vec<Box<N>>>,
    /// The parameters of the best epoch, where they are asked for.
    pub best: Option<&'a mut N>,
    pub now: &'a mut Position,
    pub epochs: &'a mut Vec<Epoch>,
}

impl<N: Network> Checkpoint<'_, N> {
    /// Writes all of it to `path`, whole or not at all.
    pub fn write(&self, path: &Path, settings: Settings) -> Result<(), TrainError> {
        let mut metadata: Metadata =
            settings.into_iter().map(|(name, text)| (name.to_string(), text)).collect();
        let history: Vec<_> = self.epochs.iter().map(line).collect();
        let Position { epoch, step, batch, tally, seconds } = *self.now;
        let Tally { samples, loss, judged, metric } = tally;
        let texts = [
            (CHECKPOINT, FORMAT.to_string()),
            (POSITION, format!("{epoch} {step} {batch} {seconds}")),
            (TALLY, format!("{samples} {loss} {judged} {metric}")),
            (HISTORY, history.join("\n")),
        ];
        metadata.extend(texts.map(|(name, text)| (name.to_string(), text)));

        let slots = self.state.slots.iter().enumerate();
        let mut parts: Vec<(String, &N)> =
            slots.map(|(i, slot)| (format!("optimizer.{i}."), &**slot)).collect();
        parts.push(("model.".to_string(), self.net));
        parts.extend(self.best.as_deref().map(|best| ("best.".to_string(), best)));
        let names: Vec<_> = parts.iter().flat_map(|(prefix, _)| names::<N>(prefix)).collect();
        let numbers =
            parts.iter().flat_map(|(_, net)| (0..N::TENSORS.len()).map(|i| net.tensor(i)));
        let tensors = names.iter().zip(numbers).map(|((name, shape), x)| (&name[..], *shape, x));
        Ok(write(path, tensors, &metadata)?)
    }

    /// Reads all of it from `path`. Nothing is changed unless all of it fits.
    pub fn read(mut self, path: &Path, settings: &Settings) -> Result<(), TrainError> {
        let file = File::open(path)?;
        let texts = Texts { path, metadata: file.metadata() };
        texts.check(settings)?;
        let [epoch, step, batch, seconds] = texts.words(POSITION)?;
        let [samples, loss, judged, metric] = texts.words(TALLY)?;
        let tally = Tally {
            samples: texts.number(TALLY, samples)?,
            loss: texts.number(TALLY, loss)?,
            judged: texts.number(TALLY, judged)?,
            metric: texts.number(TALLY, metric)?,
        };
        let now = Position {
            epoch: texts.number(POSITION, epoch)?,
            step: texts.number(POSITION, step)?,
            batch: texts.number(POSITION, batch)?,
            tally,
            seconds: texts.number(POSITION, seconds)?,
        };
        let history = texts.get(HISTORY)?.lines();
        let epochs = history.map(|line| texts.epoch(line)).collect::<Result<Vec<_>, _>>()?;
        let counted = epochs.iter().zip(1..).all(|(epoch, number)| epoch.number == number);
        if !counted || epochs.len() != now.epoch as usize {
            return Err(texts.fault(format!("its {HISTORY} is not of {} epochs", now.epoch)));
        }

        let mut prefixes: Vec<_> =
            (0..self.state.slots.len()).map(|i| format!("optimizer.{i}.")).collect();
        prefixes.push("model.".to_string());
        prefixes.extend(self.best.as_ref().map(|_| "best.".to_string()));
        let expected: Vec<_> = prefixes.iter().flat_map(|prefix| names::<N>(prefix)).collect();
        let found = file.fit(expected.iter().map(|(name, shape)| (&name[..], *shape)))?;

        let mut nets: Vec<&mut N> = self.state.slots.iter_mut().map(|slot| &mut **slot).collect();
        nets.push(self.net);
        nets.extend(self.best.as_deref_mut());
        for (net, found) in nets.into_iter().zip(found.chunks(N::TENSORS.len().max(1))) {
            copy(net, found);
        }
        self.state.steps = now.step;
        (*self.now, *self.epochs) = (now, epochs);
        Ok(())
    }
}

const POSITION: &str = "position (epochs, steps, steps of the epoch, seconds of the epoch)";
const TALLY: &str = "epoch so far (samples, loss, samples with a metric, metric)";
const HISTORY: &str =
    "history (epoch, lr, loss, metric, validation loss, validation metric, seconds)";

/// Names and shapes of a network's tensors behind `prefix`.
fn names<N: Network>(prefix: &str) -> impl Iterator<Item = (String, &'static [usize])> {
    shapes::<N>().map(move |(name, shape)| (format!("{prefix}{name}"), shape))
}

/// An epoch in a line; Rust prints each number so that it is read back to the last bit.
fn line(epoch: &Epoch) -> String {
    fn or_dash(x: Option<f32>) -> String {
        x.map_or("-".to_string(), |x| x.to_string())
    }
    let Epoch { number, lr, train, validation, seconds } = epoch;
    let (loss, metric) = (train.loss, or_dash(train.metric));
    let validation_loss = or_dash(validation.map(|score| score.loss));
    let validation_metric = or_dash(validation.and_then(|score| score.metric));
    format!("{number} {lr} {loss} {metric} {validation_loss} {validation_metric} {seconds}")
}

/// The texts of a file.
struct Texts<'a> {
    path: &'a Path,
    metadata: &'a Metadata,
}

impl<'a> Texts<'a> {
    /// That the file is a checkpoint, and of a training with `settings`.
    fn check(&self, settings: &Settings) -> Result<(), TrainError> {
        match self.metadata.get(CHECKPOINT).map(String::as_str) {
            Some(FORMAT) => {}
            Some(format) => {
                return Err(
                    self.fault(format!("its format is {format}, and {FORMAT} is read here"))
                );
            }
            None => return Err(self.fault("it has no training in it".to_string())),
        }
        let mut faults = Vec::new();
        for (name, here) in settings {
            let there = self.get(name)?;
            let same = match *name {
                SCHEDULE => {
                    there.split(' ').zip(here.split(' ')).all(|(there, here)| there == here)
                }
                _ => there == here,
            };
            if !same {
                faults.push(format!("{name}: {there} in the file, {here} here"));
            }
        }
        if faults.is_empty() {
            return Ok(());
        }
        Err(TrainError::OtherTraining { file: self.path.into(), faults })
    }

    fn get(&self, name: &str) -> Result<&'a str, TrainError> {
        match self.metadata.get(name) {
            Some(text) => Ok(text),
            None => Err(self.fault(format!("it lacks the text `{name}`"))),
        }
    }

    /// The `N` words of the text `name`.
    fn words<const N: usize>(&self, name: &str) -> Result<[&'a str; N], TrainError> {
        let words: Vec<_> = self.get(name)?.split(' ').collect();
        words.try_into().map_err(|_| self.fault(format!("its {name} has not {N} numbers")))
    }

    fn number<T: FromStr>(&self, name: &str, word: &str) -> Result<T, TrainError> {
        word.parse().map_err(|_| self.fault(format!("its {name} has the number `{word}`")))
    }

    fn epoch(&self, line: &str) -> Result<Epoch, TrainError> {
        let words: Vec<_> = line.split(' ').collect();
        let [number, lr, loss, metric, validation_loss, validation_metric, seconds] = words[..]
        else {
            return Err(self.fault(format!("its {HISTORY} has the line `{line}`")));
        };
        let optional = |word: &str| match word {
            "-" => Ok(None),
            word => self.number(HISTORY, word).map(Some),
        };
        let validation_metric = optional(validation_metric)?;
        Ok(Epoch {
            number: self.number(HISTORY, number)?,
            lr: self.number(HISTORY, lr)?,
            train: Score { loss: self.number(HISTORY, loss)?, metric: optional(metric)? },
            validation: optional(validation_loss)?
                .map(|loss| Score { loss, metric: validation_metric }),
            seconds: self.number(HISTORY, seconds)?,
        })
    }

    fn fault(&self, fault: String) -> TrainError {
        TrainError::NoCheckpoint { file: self.path.into(), fault }
    }
}

/// A setting as text.
pub(super) fn shown(setting: &impl Debug) -> String {
    format!("{setting:?}")
}

/// A setting as text; `none` where there is none.
pub(super) fn or_none(setting: Option<impl Display>) -> String {
    setting.map_or("none".to_string(), |setting| setting.to_string())
}
