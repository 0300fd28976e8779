//! The same number everywhere.

/// Fills `weights` with `value`, as PyTorch's `constant_`.
pub fn constant(weights: &mut [f32], value: f32) {
    weights.fill(value);
}

/// Fills `weights` with 0, as PyTorch's `zeros_`.
pub fn zeros(weights: &mut [f32]) {
    weights.fill(0.0);
}

/// Fills `weights` with 1, as PyTorch's `ones_`.
pub fn ones(weights: &mut [f32]) {
    weights.fill(1.0);
}
