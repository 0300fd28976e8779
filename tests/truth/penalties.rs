//! Penalties and clipping against their definitions in `f64`, at lengths that no vector divides.

use firmnet::{clip, penalty};

use super::vectors::assert_close;

fn wave(len: usize, frequency: f32) -> Vec<f32> {
    (0..len).map(|i| if i % 11 == 3 { 0.0 } else { (i as f32 * frequency).sin() * 3.0 }).collect()
}

#[test]
fn penalties_add_their_derivative() {
    for len in [0, 1, 7, 255, 256, 257, 1003] {
        let (p, g) = (wave(len, 0.37), wave(len, 1.1));
        let exact = |x: f64| if x == 0.0 { 0.0 } else { x.signum() };
        let expect = |value: f64, gradient: &dyn Fn(f64) -> f64| {
            let pairs = p.iter().zip(&g);
            let g = pairs.map(|(&p, &g)| (f64::from(g) + gradient(f64::from(p))) as f32);
            (value as f32, g.collect::<Vec<_>>())
        };

        let sum: f64 = p.iter().map(|&p| f64::from(p).abs()).sum();
        let (value, gradient) = expect(0.25 * sum, &|p| 0.25 * exact(p));
        let mut actual = g.clone();
        assert_close(&[penalty::l1(0.25, &p, &mut actual)], &[value], 1e-6, "l1");
        assert_close(&actual, &gradient, 1e-6, "gradient of l1");

        let sum: f64 = p.iter().map(|&p| f64::from(p).powi(2)).sum();
        let (value, gradient) = expect(0.25 * sum, &|p| 0.5 * p);
        let mut actual = g.clone();
        assert_close(&[penalty::l2(0.25, &p, &mut actual)], &[value], 1e-6, "l2");
        assert_close(&actual, &gradient, 1e-6, "gradient of l2");
    }
}

#[test]
fn clipping_by_norm_reaches_the_norm() {
    for len in [1, 100, 1003] {
        let g = wave(len, 0.37);
        let norm = clip::sum_of_squares(&g).sqrt();
        for max_norm in [0.5, 1e6] {
            let mut clipped = g.clone();
            clip::scale(&mut clipped, clip::coefficient(norm, max_norm));
            let reached = clip::sum_of_squares(&clipped).sqrt();
            let expected = norm.min(max_norm);
            assert!((reached - expected).abs() <= 2e-5 * expected, "{reached}, not {expected}");
        }
    }
}

#[test]
fn clipping_by_value_shows_what_is_no_number() {
    let mut g = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.5, -0.0];
    clip::by_value(&mut g, 2.0);
    assert!(g[0].is_nan());
    assert_eq!(g[1..], [2.0, -2.0, 0.5, 0.0]);
}
