//! One pass over several slices at once: activations, losses and optimizer steps are all this loop.

use super::Vector;

/// What happens to one place of `W` slices that are written and `R` slices that are only read.
///
/// ```
/// use firmnet_runtime::kernel::{Formula, Vector, each};
///
/// /// y ← y + a x
/// struct Axpy(f32);
/// impl Formula<1, 1> for Axpy {
///     fn at<V: Vector>(&self, [y]: [V; 1], [x]: [V; 1]) -> [V; 1] {
///         [V::splat(self.0).mul_add(x, y)]
///     }
/// }
///
/// let mut y = [1.0, 2.0, 3.0];
/// each([&mut y], [&[1.0, 1.0, 1.0]], &Axpy(0.5));
/// assert_eq!(y, [1.5, 2.5, 3.5]);
/// ```
pub trait Formula<const W: usize, const R: usize>: Sync {
    /// The new values of the written places, from their old ones and from those only read.
    fn at<V: Vector>(&self, written: [V; W], read: [V; R]) -> [V; W];
}

/// Applies `formula` at every place. All slices have the same length.
///
/// # Panics
/// When the lengths differ.
pub fn each<const W: usize, const R: usize>(
    mut written: [&mut [f32]; W],
    read: [&[f32]; R],
    formula: &impl Formula<W, R>,
) {
    let len = written[0].len();
    assert!(written.iter().all(|w| w.len() == len) && read.iter().all(|r| r.len() == len));
    for i in 0..len {
        let old = core::array::from_fn(|k| written[k][i]);
        let new = formula.at::<f32>(old, core::array::from_fn(|k| read[k][i]));
        for k in 0..W {
            written[k][i] = new[k];
        }
    }
}
