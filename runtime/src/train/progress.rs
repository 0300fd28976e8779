//! A bar that moves while an epoch is trained, and a line for each epoch that is over.

use core::fmt::Write;
use std::string::String;
use std::{eprintln, format};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::history::{Epoch, Score};
use super::tally::Tally;

/// What a training shows on standard error. Where that is no terminal, there is no bar, only the lines.
pub(super) struct Progress {
    bar: ProgressBar,
    metric: String,
}

impl Progress {
    /// The epoch `number` of `epochs`, in which `samples` will be gone through, if that is known.
    pub fn begin(number: u32, epochs: u32, samples: Option<usize>, metric: &str) -> Self {
        let bar = match samples {
            Some(samples) => ProgressBar::new(samples as u64),
            None => ProgressBar::no_length(),
        };
        let shown = match samples {
            // The bar takes what is left of the line, so that the line never breaks.
            Some(_) => "{prefix} {wide_bar} {percent}%  {msg}  {speed}  {eta} left",
            None => "{prefix} {spinner} {pos}  {msg}  {speed}",
        };
        if let Ok(style) = ProgressStyle::with_template(shown) {
            let style = style.with_key("speed", speed);
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_prefix(format!("epoch {number}/{epochs}"));
        Progress { bar, metric: metric.into() }
    }

    /// A step is over.
    pub fn step(&self, tally: &Tally) {
        self.bar.set_position(tally.samples);
        if !self.bar.is_hidden() {
            self.bar.set_message(self.score(&tally.score()));
        }
    }

    /// The epoch is over.
    pub fn end(&self, epoch: &Epoch) {
        self.bar.finish_and_clear();
        let validation =
            epoch.validation.map(|score| format!("   validation {}", self.score(&score)));
        let (training, validation) = (self.score(&epoch.train), validation.unwrap_or_default());
        eprintln!("{}  {training}{validation}   {:.1} s", self.bar.prefix(), epoch.seconds);
    }

    fn score(&self, score: &Score) -> String {
        match score.metric {
            Some(metric) => format!("loss {:.4}  {} {metric:.4}", score.loss, self.metric),
            None => format!("loss {:.4}", score.loss),
        }
    }
}

/// Samples in a second.
fn speed(state: &ProgressState, to: &mut dyn Write) {
    // What cannot be shown is left out.
    let _ = write!(to, "{:.0}/s", state.per_sec());
}
