//! Numbers that any language can make again: `benches/peers/given.py` makes the same.

/// Words all over the vocabulary of W3.
pub fn words() -> [u32; 30] {
    std::array::from_fn(|i| (i as u32 * 1667 + 5) % 5000)
}

/// Ten classes in turn.
pub fn classes(count: usize) -> Vec<u8> {
    (0..count).map(|i| (i * 7 % 10) as u8).collect()
}

/// The numbers of a tensor, which follow from its name: weights of a size that goes with their inputs, scales and variances around 1,
/// and small shifts.
pub fn parameter(name: &str, dims: &[usize]) -> Vec<f32> {
    let (middle, width) = if dims.len() > 1 {
        (0.0, 1.0 / (dims[1..].iter().product::<usize>() as f32).sqrt())
    } else if name.ends_with(".weight") || name.ends_with(".running_var") {
        (1.0, 0.5)
    } else {
        (0.0, 0.25)
    };
    // FNV-1a.
    let seed = name
        .bytes()
        .fold(2_166_136_261, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
    let numbers = numbers(dims.iter().product(), seed);
    numbers.into_iter().map(|number| middle + width * number).collect()
}

/// Numbers in −1 .. 1 that look random and are the same in any language.
pub fn numbers(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let draw = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..len).map(draw).collect()
}
