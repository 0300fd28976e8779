//! How often each class was taken for each, and what follows from it.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};

/// Counts of answers by what was right (row) and what was said (column), as scikit-learn's `confusion_matrix`.
///
/// Where a ratio would be 0 / 0, as the precision of a class that was never said, it is 0 (`zero_division=0`).
///
/// ```
/// use firmnet_runtime::metrics::{Average, Confusion};
///
/// let mut confusion = Confusion::new(2);
/// for (is, said) in [(0, 0), (0, 0), (0, 1), (1, 1)] {
///     confusion.add(is, said);
/// }
/// assert_eq!(confusion.accuracy(), 0.75);
/// assert_eq!(confusion.precision(1), 0.5);
/// assert_eq!(confusion.recall(1), 1.0);
/// assert_eq!(confusion.average(Average::Macro).recall, (2.0 / 3.0 + 1.0) / 2.0);
/// ```
///
/// With a threshold of one's own, two classes are counted by `confusion.add(target, usize::from(y[0] > 0.3))`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    counts: Vec<u64>,
}

impl Confusion {
    /// No answers yet about `classes` classes.
    pub fn new(classes: usize) -> Self {
        Confusion { classes, counts: vec![0; classes * classes] }
    }

    /// Counts an answer.
    ///
    /// # Panics
    /// When a class is not below the number of classes.
    #[track_caller]
    pub fn add(&mut self, is: usize, said: usize) {
        assert!(is < self.classes && said < self.classes, "there are {} classes", self.classes);
        self.counts[is * self.classes + said] += 1;
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How often `said` was said where `is` was right.
    pub fn count(&self, is: usize, said: usize) -> u64 {
        self.counts[is * self.classes + said]
    }

    /// All answers.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The share of right answers.
    pub fn accuracy(&self) -> f64 {
        let right = (0..self.classes).map(|class| self.count(class, class)).sum();
        ratio(right, self.total())
    }

    /// Of those that were said to be of `class`, the share that is.
    pub fn precision(&self, class: usize) -> f64 {
        ratio(self.count(class, class), self.said(class))
    }

    /// Of those that are of `class`, the share that was said to be.
    pub fn recall(&self, class: usize) -> f64 {
        ratio(self.count(class, class), self.support(class))
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(&self, class: usize) -> f64 {
        ratio(2 * self.count(class, class), self.said(class) + self.support(class))
    }

    /// How many are of `class`.
    pub fn support(&self, class: usize) -> u64 {
        (0..self.classes).map(|said| self.count(class, said)).sum()
    }

    /// How many were said to be of `class`.
    fn said(&self, class: usize) -> u64 {
        (0..self.classes).map(|is| self.count(is, class)).sum()
    }

    /// All three of `class`.
    pub fn scores(&self, class: usize) -> Scores {
        let (precision, recall, f1) = (self.precision(class), self.recall(class), self.f1(class));
        Scores { precision, recall, f1 }
    }

    /// Those of all classes together.
    pub fn average(&self, average: Average) -> Scores {
        let weight = |class| match average {
            // Each answer that is wrong for one class is wrong for another, so all three are the accuracy.
            Average::Micro => 0.0,
            Average::Macro if self.support(class) + self.said(class) == 0 => 0.0,
            Average::Macro => 1.0,
            Average::Weighted => self.support(class) as f64,
        };
        if average == Average::Micro {
            let accuracy = self.accuracy();
            return Scores { precision: accuracy, recall: accuracy, f1: accuracy };
        }
        let (mut sum, mut total) = (Scores::default(), 0.0);
        for class in 0..self.classes {
            let (weight, scores) = (weight(class), self.scores(class));
            sum.precision += weight * scores.precision;
            sum.recall += weight * scores.recall;
            sum.f1 += weight * scores.f1;
            total += weight;
        }
        let mean = |sum: f64| if total == 0.0 { 0.0 } else { sum / total };
        let Scores { precision, recall, f1 } = sum;
        Scores { precision: mean(precision), recall: mean(recall), f1: mean(f1) }
    }
}

/// Precision, recall and F1: of a class, or of all together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// Of what was said, the share that is right.
    pub precision: f64,
    /// Of what is, the share that was said.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
}

/// How the scores of the classes become one, by scikit-learn's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// Each class counts the same; one that neither is nor was said does not count.
    Macro,
    /// Each answer counts the same.
    Micro,
    /// Each class counts by how many are of it.
    Weighted,
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The counts, a row for each class that is and a column for each that was said, and the scores beside them.
impl Display for Confusion {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let width = self.counts.iter().max().map_or(1, |&most| digits(most));
        let width = width.max(digits(self.classes as u64));
        write!(f, "is \\ said ")?;
        for class in 0..self.classes {
            write!(f, " {class:>width$}")?;
        }
        writeln!(f, "   precision  recall      f1  support")?;
        let scores = |f: &mut Formatter<'_>, scores: Scores, support: u64| {
            let Scores { precision, recall, f1 } = scores;
            writeln!(f, "   {precision:>9.4}  {recall:>6.4}  {f1:>6.4}  {support:>7}")
        };
        for is in 0..self.classes {
            write!(f, "{is:>9} ")?;
            for said in 0..self.classes {
                write!(f, " {:>width$}", self.count(is, said))?;
            }
            scores(f, self.scores(is), self.support(is))?;
        }
        let counts = self.classes * (width + 1);
        for (name, average) in [("macro", Average::Macro), ("weighted", Average::Weighted)] {
            write!(f, "{name:>9} {:counts$}", "")?;
            scores(f, self.average(average), self.total())?;
        }
        write!(f, "{:>9} {:counts$}   {:>9.4}", "accuracy", "", self.accuracy())
    }
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}
