//! What becomes of one sequence `x: [steps][width]`, step by step: its mean, its maximum, and their gradients.

use super::{Formula, Vector, axpy, each, sum_rows};

/// `y[j] = Σ x[t][j] / steps`; zeros without steps.
///
/// # Panics
/// When `y` does not divide `x`.
pub fn mean_steps(x: &[f32], y: &mut [f32]) {
    let steps = steps(x.len(), y.len());
    y.fill(0.0);
    sum_rows(x, y);
    each([y], [], &Times(1.0 / steps as f32));
}

/// The mean so far of a sequence that comes in pieces, of which `x` is the next; `sums` and `count` are zero before the first.
///
/// # Panics
/// When `y` does not divide `x`, or `sums` has another length.
pub fn mean_so_far(x: &[f32], sums: &mut [f32], count: &mut u32, y: &mut [f32]) {
    *count = count.saturating_add(steps(x.len(), y.len()) as u32);
    sum_rows(x, sums);
    y.copy_from_slice(sums);
    each([y], [], &Times(1.0 / *count as f32));
}

/// `dx[t][j] += dy[j] / steps`.
///
/// # Panics
/// When `dy` does not divide `dx`.
pub fn mean_steps_backward(dy: &[f32], dx: &mut [f32]) {
    let share = 1.0 / steps(dx.len(), dy.len()) as f32;
    dx.chunks_exact_mut(dy.len().max(1)).for_each(|dx| axpy(share, dy, dx));
}

/// `y[j] = max x[t][j]`, NaN where one is; and in `steps`, if it is not empty, the step where it was found, the first of equals.
///
/// # Panics
/// When `y` does not divide `x`, or there is no step.
pub fn max_steps(x: &[f32], y: &mut [f32], steps: &mut [u32]) {
    let (first, rest) = x.split_at(y.len());
    assert!(rest.is_empty() || rest.len().is_multiple_of(y.len()), "a step is cut off");
    y.copy_from_slice(first);
    steps.fill(0);
    for (t, x) in rest.chunks_exact(y.len().max(1)).enumerate() {
        for (j, (y, &x)) in y.iter_mut().zip(x).enumerate() {
            if x > *y || x.is_nan() && !y.is_nan() {
                *y = x;
                if let Some(step) = steps.get_mut(j) {
                    *step = t as u32 + 1;
                }
            }
        }
    }
}

/// The maximum so far of a sequence that comes in pieces, of which `x` is the next; `most` is what it was before, if anything was.
///
/// # Panics
/// When `y` does not divide `x`, or there is no step.
pub fn max_so_far(x: &[f32], most: Option<&[f32]>, y: &mut [f32]) {
    max_steps(x, y, &mut []);
    for (y, &most) in y.iter_mut().zip(most.unwrap_or_default()) {
        if most > *y || most.is_nan() {
            *y = most;
        }
    }
}

/// `dx[steps[j]][j] += dy[j]`.
///
/// # Panics
/// When a step lies outside `dx`.
pub fn max_steps_backward(dy: &[f32], steps: &[u32], dx: &mut [f32]) {
    for (j, (dy, &step)) in dy.iter().zip(steps).enumerate() {
        dx[step as usize * steps.len() + j] += dy;
    }
}

/// How often `width` goes into `len`.
fn steps(len: usize, width: usize) -> usize {
    assert!(width > 0 && len.is_multiple_of(width), "a step is cut off");
    (len / width).max(1)
}

/// y ← a y
struct Times(f32);

impl Formula<1, 0> for Times {
    #[inline(always)]
    fn at<V: Vector>(&self, [y]: [V; 1], _: [V; 0]) -> [V; 1] {
        [y * V::splat(self.0)]
    }
}
