//! Targets that are the index of a class, and weights of classes.

/// The index of a class: `u8`, `u16`, `u32`, `usize`, or an enum of yours.
///
/// ```
/// use firmnet_runtime::loss::{Class, CrossEntropyLoss, Loss};
///
/// #[derive(Clone, Copy)]
/// enum Pet { Cat, Dog }
/// impl Class for Pet {
///     fn index(self) -> usize {
///         self as usize
///     }
/// }
///
/// let loss = CrossEntropyLoss::new().value(&[[9.0, 0.0], [0.0, 9.0]], &[Pet::Cat, Pet::Dog]);
/// assert!(loss < 1e-3);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the index of a class: `u8`, `u16`, `u32` and `usize` are",
    label = "not a class index",
    note = "targets that are numbers, not classes, go with `MseLoss`, `BceWithLogitsLoss` and the like"
)]
pub trait Class: Copy {
    /// The place of this class among the outputs of the network, from 0.
    fn index(self) -> usize;
}

impl Class for u8 {
    fn index(self) -> usize {
        usize::from(self)
    }
}
impl Class for u16 {
    fn index(self) -> usize {
        usize::from(self)
    }
}
impl Class for u32 {
    fn index(self) -> usize {
        // An index that does not fit is no class of any network.
        usize::try_from(self).unwrap_or(usize::MAX)
    }
}
impl Class for usize {
    fn index(self) -> usize {
        self
    }
}

/// How much each of `C` classes counts: [`Equal`], or an array.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not weigh {C} classes: `[f32; {C}]` does",
    label = "not a weight for each of {C} classes"
)]
pub trait ClassWeights<const C: usize> {
    /// The weight of one class, `class < C`.
    fn of(&self, class: usize) -> f32;
}

/// Every class, or every number, counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Equal;

impl<const C: usize> ClassWeights<C> for Equal {
    fn of(&self, _: usize) -> f32 {
        1.0
    }
}
impl<const C: usize> ClassWeights<C> for [f32; C] {
    fn of(&self, class: usize) -> f32 {
        self[class]
    }
}

/// What one target says to a loss over `C` classes.
pub(super) enum Verdict {
    /// A class below `C`.
    Class(usize),
    /// To be left out, by `ignore_index`.
    Ignored,
    /// No class at all: the loss becomes NaN.
    OutOfRange,
}

impl Verdict {
    pub(super) fn of<const C: usize>(target: impl Class, ignore_index: Option<usize>) -> Verdict {
        match target.index() {
            class if ignore_index == Some(class) => Verdict::Ignored,
            class if class < C => Verdict::Class(class),
            _ => Verdict::OutOfRange,
        }
    }

    /// 1 where the largest of `y` is that of the class, and else 0; `None` for a sample that is left out.
    pub(super) fn accuracy(self, y: &[f32]) -> Option<f32> {
        let largest = || (0..y.len()).reduce(|best, c| if y[c] > y[best] { c } else { best });
        match self {
            Verdict::Class(class) => Some(if largest() == Some(class) { 1.0 } else { 0.0 }),
            Verdict::Ignored => None,
            Verdict::OutOfRange => Some(0.0),
        }
    }
}

/// The weights of the classes of all targets together.
pub(super) fn total_weight<const C: usize>(
    targets: &[impl Class],
    ignore_index: Option<usize>,
    weight: &impl ClassWeights<C>,
) -> f32 {
    let mut total = super::total::Total::default();
    for &target in targets {
        if let Verdict::Class(class) = Verdict::of::<C>(target, ignore_index) {
            total.add(weight.of(class));
        }
    }
    total.get()
}
