//! Which class scores mean.

/// The place of the largest of `scores`: the class that they mean. The first of equals; 0 where there is none.
pub fn argmax(scores: &[f32]) -> usize {
    let mut best = 0;
    for (i, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = i;
        }
    }
    best
}

/// Whether `class` is among the `k` largest of `scores`, where the first of equals is the larger: with `k = 1`, whether it is
/// their [`argmax`]. The mean over samples is the top-k accuracy.
///
/// A class whose score is missing or not a number is never among them.
pub fn in_top(k: usize, scores: &[f32], class: usize) -> bool {
    let Some(&own) = scores.get(class).filter(|own| !own.is_nan()) else { return false };
    let before = |(i, &score): (usize, &f32)| score > own || (score == own && i < class);
    scores.iter().enumerate().filter(|&other| before(other)).count() < k
}
