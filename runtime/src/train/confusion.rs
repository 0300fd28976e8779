//! How often each class was taken for each, and what follows from it.

use core::fmt::{self, Display, Formatter};
use std::vec::Vec;

/// Counts of answers by what was right (row) and what was said (column), as scikit-learn's `confusion_matrix`.
///
/// Where a ratio would be 0 / 0, as the precision of a class that was never said, it is 0.
///
/// ```
/// use firmnet_runtime::train::Confusion;
///
/// let mut confusion = Confusion::new(2);
/// for (is, said) in [(0, 0), (0, 0), (0, 1), (1, 1)] {
///     confusion.add(is, said);
/// }
/// assert_eq!(confusion.accuracy(), 0.75);
/// assert_eq!(confusion.precision(1), 0.5);
/// assert_eq!(confusion.recall(1), 1.0);
/// assert!((confusion.macro_f1() - (0.8 + 2.0 / 3.0) / 2.0).abs() < 1e-12);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    counts: Vec<u64>,
}

impl Confusion {
    /// No answers yet about `classes` classes.
    pub fn new(classes: usize) -> Self {
        Confusion { classes, counts: std::vec![0; classes * classes] }
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
        let said = (0..self.classes).map(|is| self.count(is, class)).sum();
        ratio(self.count(class, class), said)
    }

    /// Of those that are of `class`, the share that was said to be.
    pub fn recall(&self, class: usize) -> f64 {
        ratio(self.count(class, class), self.support(class))
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(&self, class: usize) -> f64 {
        let said: u64 = (0..self.classes).map(|is| self.count(is, class)).sum();
        ratio(2 * self.count(class, class), said + self.support(class))
    }

    /// How many are of `class`.
    pub fn support(&self, class: usize) -> u64 {
        (0..self.classes).map(|said| self.count(class, said)).sum()
    }

    /// The mean of the classes' precisions.
    pub fn macro_precision(&self) -> f64 {
        self.mean(Self::precision)
    }

    /// The mean of the classes' recalls: the balanced accuracy.
    pub fn macro_recall(&self) -> f64 {
        self.mean(Self::recall)
    }

    /// The mean of the classes' F1.
    pub fn macro_f1(&self) -> f64 {
        self.mean(Self::f1)
    }

    /// The mean of the classes' F1, each counted by how many are of the class.
    pub fn weighted_f1(&self) -> f64 {
        let weighted = |class| self.f1(class) * self.support(class) as f64;
        let sum: f64 = (0..self.classes).map(weighted).sum();
        if self.total() == 0 { 0.0 } else { sum / self.total() as f64 }
    }

    fn mean(&self, of: impl Fn(&Self, usize) -> f64) -> f64 {
        let sum: f64 = (0..self.classes).map(|class| of(self, class)).sum();
        if self.classes == 0 { 0.0 } else { sum / self.classes as f64 }
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A table of the classes.
impl Display for Confusion {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "class     precision  recall      f1  support")?;
        let mut line = |name: &dyn Display, [p, r, f1]: [f64; 3], support| {
            writeln!(f, "{name:<9} {p:>9.4}  {r:>6.4}  {f1:>6.4}  {support:>7}")
        };
        for class in 0..self.classes {
            let scores = [self.precision(class), self.recall(class), self.f1(class)];
            line(&class, scores, self.support(class))?;
        }
        let means = [self.macro_precision(), self.macro_recall(), self.macro_f1()];
        line(&"mean", means, self.total())?;
        write!(f, "accuracy  {:>9.4}", self.accuracy())
    }
}

/// The place of the largest number: the class that scores mean. The first of equals; 0 where there is none.
pub fn argmax(scores: &[f32]) -> usize {
    let mut best = 0;
    for (i, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = i;
        }
    }
    best
}
