//! Which name is meant by one that is not there.

/// Bytes of the longest name that is compared.
const LONGEST: usize = 96;

/// How far `b` is from `a`, where one may be meant by the other: 0 where one is the other behind a prefix (`module.fc.weight`
/// and `fc.weight`), otherwise the letters to change, at most a third (Levenshtein 1966).
pub(super) const fn near(a: &str, b: &str) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if behind_prefix(a, b) || behind_prefix(b, a) {
        return Some(0);
    }
    let longest = if a.len() > b.len() { a.len() } else { b.len() };
    if longest > LONGEST {
        return None;
    }
    let distance = distance(a, b);
    if distance * 3 <= longest { Some(distance) } else { None }
}

/// Whether `long` is something with a dot at its end, and then `short`.
const fn behind_prefix(long: &[u8], short: &[u8]) -> bool {
    if long.len() < short.len() + 2 || long[long.len() - short.len() - 1] != b'.' {
        return false;
    }
    let mut i = 1;
    while i <= short.len() {
        if long[long.len() - i] != short[short.len() - i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Letters to change, to add and to leave out, to make `b` of `a`.
const fn distance(a: &[u8], b: &[u8]) -> usize {
    // row[j] is the distance of the first i letters of a to the first j of b.
    let (mut row, mut j) = ([0; LONGEST + 1], 0);
    while j <= b.len() {
        row[j] = j;
        j += 1;
    }
    let mut i = 0;
    while i < a.len() {
        let (mut diagonal, mut j) = (row[0], 0);
        row[0] = i + 1;
        while j < b.len() {
            let change = diagonal + (a[i] != b[j]) as usize;
            diagonal = row[j + 1];
            let add = 1 + if row[j] < row[j + 1] { row[j] } else { row[j + 1] };
            row[j + 1] = if change < add { change } else { add };
            j += 1;
        }
        i += 1;
    }
    row[b.len()]
}
