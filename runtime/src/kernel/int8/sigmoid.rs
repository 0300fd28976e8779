//! The logistic function and the hyperbolic tangent of sixteen bits, between the points of one table: TensorFlow Lite's, bit for bit.
//!
//! `x` has twelve bits behind the point, `y` fifteen. With `σ` in the table, the tangent is `2σ(2x) − 1`.

/// `2¹⁶ σ(i / 24)`, each raised by half of what the line to the next one is below the curve midway; the last is 1, as near as it comes.
const TABLE: [u16; 256] = {
    let (mut table, mut i) = ([u16::MAX; 256], 0);
    while i < 255 {
        let (from, midway, to) = (curve(i as f64), curve(i as f64 + 0.5), curve(i as f64 + 1.0));
        table[i] = (from + (midway - (from + to) / 2.0) / 2.0 + 0.5) as u16;
        i += 1;
    }
    table
};

/// `2¹⁶ σ(x / 24)`.
const fn curve(x: f64) -> f64 {
    65536.0 / (1.0 + exp(-x / 24.0))
}

/// `eˣ`, of the table's `x` down to −11: by its series at 1/64 of it, squared six times.
const fn exp(x: f64) -> f64 {
    let (x, mut term, mut sum, mut n) = (x / 64.0, 1.0, 1.0, 1);
    while n < 20 {
        term *= x / n as f64;
        sum += term;
        n += 1;
    }
    let mut i = 0;
    while i < 6 {
        sum *= sum;
        i += 1;
    }
    sum
}

/// `1 / (1 + e⁻ˣ)`.
pub(super) fn logistic(x: i16) -> i16 {
    // A step of the table is 1/24: 512 times 3 times as many of x's.
    let x = 3 * i32::from(x);
    let y = between(x.unsigned_abs(), 9).unwrap_or(0x7fff << 10);
    let y = if x >= 0 { y + (1 << 9) } else { (1 << 25) - y + (1 << 9) - 1 };
    (y >> 10) as i16
}

/// The hyperbolic tangent.
pub(super) fn tanh(x: i16) -> i16 {
    let x = 3 * i32::from(x);
    let y = between(x.unsigned_abs(), 8).unwrap_or(0xffff << 8);
    let (less, half) = (1 << 23, 1 << 7);
    let y = if x >= 0 { y - less + half } else { less - y + half - 1 };
    (y >> 8) as i16
}

/// `2^bits` times what the table has at `x / 2^bits`, on the line between two points; nothing beyond its end.
fn between(x: u32, bits: u32) -> Option<i32> {
    let (at, rest) = ((x >> bits) as usize, (x & ((1 << bits) - 1)) as i32);
    let (from, to) = (i32::from(*TABLE.get(at)?), i32::from(*TABLE.get(at + 1)?));
    Some((from << bits) + rest * (to - from))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TensorFlow Lite's `sigmoid_table_uint16` begins and ends so.
    #[test]
    fn the_table_is_the_published_one() {
        assert_eq!(TABLE[..6], [32768, 33451, 34133, 34813, 35493, 36169]);
        assert_eq!(TABLE[126..130], [65194, 65208, 65221, 65234]);
        assert_eq!(TABLE[252..], [65534, 65534, 65534, 65535]);
        // The sum of all tells the rest.
        assert_eq!(TABLE.iter().map(|&y| u32::from(y)).sum::<u32>(), 15_670_629);
    }

    #[test]
    fn functions_are_near() {
        for x in i16::MIN..=i16::MAX {
            let exact = f64::from(x) / 4096.0;
            let near = |y: i16, exact: f64| (f64::from(y) / 32768.0 - exact).abs() < 1.5e-4;
            assert!(near(logistic(x), 1.0 / (1.0 + (-exact).exp())), "σ({exact})");
            assert!(near(tanh(x), exact.tanh()), "tanh({exact})");
        }
    }
}
