//! Positions as waves: the sinusoidal encoding, and the rotation of pairs.

/// Adds to row `t` of `y: [rows][size]` the sines and cosines of its position `t + first`: at place 2i `sin(position · ω)`, at place
/// 2i + 1 `cos(position · ω)`, with `ω = 10000^(−2i / size)` (Vaswani et al. 2017).
pub fn add_waves(first: usize, size: usize, y: &mut [f32]) {
    for at in (0..size).step_by(2) {
        let mut wave = Wave::of(first, at, size);
        for y in y.chunks_exact_mut(size) {
            y[at] += wave.sin as f32;
            if let Some(y) = y.get_mut(at + 1) {
                *y += wave.cos as f32;
            }
            wave.advance();
        }
    }
}

/// Turns the pairs `(2i, 2i + 1)` of each head in row `t` of `x: [rows][heads][size]` by the angle `(t + first) · 10000^(−2i / size)` (Su et
/// al. 2021), or `back` again.
///
/// # Panics
/// When `size` is odd.
pub fn rotate(back: bool, first: usize, size: usize, heads: usize, x: &mut [f32]) {
    assert!(size.is_multiple_of(2), "rotate: a number without a partner");
    for at in (0..size).step_by(2) {
        let mut wave = Wave::of(first, at, size);
        for x in x.chunks_exact_mut((heads * size).max(1)) {
            let (cos, sin) = (wave.cos as f32, if back { -wave.sin } else { wave.sin } as f32);
            for x in x.chunks_exact_mut(size) {
                (x[at], x[at + 1]) = (x[at] * cos - x[at + 1] * sin, x[at] * sin + x[at + 1] * cos);
            }
            wave.advance();
        }
    }
}

/// Sine and cosine of one frequency, position after position. In double precision: the errors of all steps stay below the last bit of an
/// `f32`.
struct Wave {
    sin: f64,
    cos: f64,
    sin_step: f64,
    cos_step: f64,
}

impl Wave {
    fn of(first: usize, at: usize, size: usize) -> Wave {
        // ln 10000
        let frequency = exp(-9.210_340_371_976_184 * at as f64 / size as f64);
        let (sin, cos) = sin_cos(first as f64 * frequency);
        let (sin_step, cos_step) = sin_cos(frequency);
        Wave { sin, cos, sin_step, cos_step }
    }

    fn advance(&mut self) {
        (self.sin, self.cos) = (
            self.sin * self.cos_step + self.cos * self.sin_step,
            self.cos * self.cos_step - self.sin * self.sin_step,
        );
    }
}

/// `eˣ` for x in −745 ..= 0, within 1e-15 of its size: by halves, for which the series is short.
fn exp(x: f64) -> f64 {
    let (mut term, mut sum, part) = (1.0, 1.0, x / 1024.0);
    for i in 1..8 {
        term *= part / f64::from(i);
        sum += term;
    }
    for _ in 0..10 {
        sum *= sum;
    }
    sum
}

/// Sine and cosine of x from 0 to 2³², within 1e-9 at its end and 1e-15 below a thousand.
fn sin_cos(x: f64) -> (f64, f64) {
    use core::f64::consts::{FRAC_2_PI, FRAC_PI_2};
    // What `FRAC_PI_2` lacks.
    const REST: f64 = 6.123_233_995_736_766e-17;
    let quarter = (x * FRAC_2_PI + 0.5) as u64;
    let r = (x - quarter as f64 * FRAC_PI_2) - quarter as f64 * REST;
    let square = r * r;
    let (mut sin, mut cos) = (1.0, 1.0);
    for i in (1..10).rev() {
        let i = f64::from(2 * i);
        sin = 1.0 - sin * square / (i * (i + 1.0));
        cos = 1.0 - cos * square / (i * (i - 1.0));
    }
    let sin = sin * r;
    match quarter % 4 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn of_the_maths_library() {
        for x in (0..4000).map(|i| f64::from(i) * 0.249_7) {
            let (sin, cos) = sin_cos(x);
            assert!((sin - x.sin()).abs() < 2e-13 && (cos - x.cos()).abs() < 2e-13, "{x}");
            let e = exp(-x / 100.0);
            assert!((e / (-x / 100.0).exp() - 1.0).abs() < 1e-12, "{x}: {e}");
        }
    }

    #[test]
    fn far_positions_and_odd_sizes() {
        for (first, size) in [(0, 7), (5, 8), (4090, 2), (100_000, 64)] {
            let mut y = vec![0.5; 50 * size];
            add_waves(first, size, &mut y);
            for (i, y) in y.iter().enumerate() {
                let (t, at) = (first + i / size, i % size);
                let angle = t as f64 / 10_000_f64.powf((at / 2 * 2) as f64 / size as f64);
                let expected = 0.5 + if at % 2 == 0 { angle.sin() } else { angle.cos() };
                assert!((f64::from(*y) - expected).abs() < 1e-6, "{y}, not {expected}");
            }
        }
    }

    #[test]
    fn there_and_back() {
        let before: std::vec::Vec<f32> = (0..240).map(|i| (i % 17) as f32 - 8.0).collect();
        let mut x = before.clone();
        rotate(false, 9, 4, 3, &mut x);
        let angle = 11.0_f64;
        let (a, b) = (f64::from(before[28]), f64::from(before[29]));
        assert!((f64::from(x[28]) - (a * angle.cos() - b * angle.sin())).abs() < 1e-6);
        rotate(true, 9, 4, 3, &mut x);
        assert!(x.iter().zip(&before).all(|(x, y)| (x - y).abs() < 1e-5));
    }
}
