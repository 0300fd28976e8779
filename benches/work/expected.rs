//! What comes out, by PyTorch.

/// `benches/peers/expected.py` writes it: the name of a workload, and what its first runs give.
const EXPECTED: &str = include_str!("expected.txt");
/// Numbers of a workload that are compared at most: of more, every second, third and so on.
const MOST: usize = 512;

/// Compares what came out with what PyTorch gives.
///
/// # Panics
/// Where a number is off by more than 1e-5 of the largest, or of the losses of a training by 1e-4.
pub fn compare(name: &str, found: &[f32]) {
    let line = EXPECTED.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let expected: Vec<f32> = line
        .unwrap_or_else(|| panic!("{name}: expected.txt has no line for it"))
        .split(' ')
        .map(|number| number.parse().expect("numbers"))
        .collect();
    let found: Vec<_> = found.iter().step_by(found.len().div_ceil(MOST)).collect();
    assert_eq!(found.len(), expected.len(), "{name}: how many numbers come out");
    let scale = expected.iter().fold(0.0_f32, |scale, e| scale.max(e.abs()));
    let tolerance = scale * if name.ends_with("training") { 1e-4 } else { 1e-5 };
    for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
        assert!((*found - expected).abs() <= tolerance, "{name}[{i}]: {found}, not {expected}");
    }
}
