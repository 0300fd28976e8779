//! ONNX's two losses over classes. Its axis 1 are the classes; every place behind it is a sample here.

use firmnet::loss::{CrossEntropyLoss, Loss, NllLoss, Reduction};
use firmnet::prelude::*;

use super::{Outcome, Vector};

/// Classes in every published vector.
const C: usize = 5;

network! {
    struct LogProbabilities: [5] -> [5] { LogSoftmax }
}

pub fn judge(vector: &Vector) -> Option<Outcome> {
    let operator = vector.operators().next()?;
    let by = match operator {
        "NegativeLogLikelihoodLoss" => "NllLoss",
        "SoftmaxCrossEntropyLoss" => "CrossEntropyLoss",
        _ => return None,
    };
    Some(match check(vector, by) {
        Ok(used) => Outcome::Passed { used, by: by.into(), without: vec![] },
        Err(why) => Outcome::Failed(why),
    })
}

fn check(vector: &Vector, by: &str) -> Result<f64, String> {
    let shape = vector.shape(vector.input(0).expect("logits"));
    assert_eq!(shape[1], C, "{}: classes", vector.name());
    let behind: usize = shape[2..].iter().product();
    let y = samples(&vector.numbers(vector.input(0).unwrap()), behind);
    // Targets and the index to ignore may be negative: any other number beyond the classes will do.
    let index = |index: i64| usize::try_from(index.rem_euclid(1 << 16)).unwrap();
    let targets: Vec<usize> =
        vector.indices(vector.input(1).unwrap()).into_iter().map(index).collect();
    let ignored = vector.attribute("ignore_index").map(|i| index(i.as_i64().unwrap()));
    let weight = vector.input(2).map(|name| <[f32; C]>::try_from(vector.numbers(name)).unwrap());

    let reduction = vector.attribute("reduction").map_or("mean", |name| name.as_str().unwrap());
    let kind = if reduction == "mean" { Reduction::Mean } else { Reduction::Sum };
    let value = |y: &[[f32; C]], targets: &[usize]| match (by, weight) {
        ("NllLoss", None) => {
            let loss = NllLoss { ignore_index: ignored, ..NllLoss::new().reduction(kind) };
            loss.value(y, targets)
        }
        ("NllLoss", Some(weight)) => {
            let loss = NllLoss { ignore_index: ignored, ..NllLoss::new().reduction(kind) };
            loss.weight(weight).value(y, targets)
        }
        (_, None) => {
            let loss = CrossEntropyLoss::new().reduction(kind);
            CrossEntropyLoss { ignore_index: ignored, ..loss }.value(y, targets)
        }
        (_, Some(weight)) => {
            let loss = CrossEntropyLoss::new().reduction(kind);
            CrossEntropyLoss { ignore_index: ignored, ..loss }.weight(weight).value(y, targets)
        }
    };
    let found = match reduction {
        "none" => y.iter().zip(&targets).map(|(y, t)| value(&[*y], &[*t])).collect(),
        _ => vec![value(&y, &targets)],
    };
    let outputs = vector.outputs();
    let mut used = vector.compare(&found, outputs[0])?;
    if let Some(log_probabilities) = outputs.get(1) {
        let mut memory = Workspace::new();
        let rows = LogProbabilities::ZERO.forward_batch(&y, &mut memory);
        used = used.max(vector.compare(&places(rows, behind), log_probabilities)?);
    }
    Ok(used)
}

/// `[N][C][behind]` → a row of classes for each of `N · behind` samples.
fn samples(numbers: &[f32], behind: usize) -> Vec<[f32; C]> {
    let blocks = numbers.chunks_exact(C * behind);
    blocks
        .flat_map(|block| (0..behind).map(|i| std::array::from_fn(|c| block[c * behind + i])))
        .collect()
}

/// The other way round.
fn places(rows: &[[f32; C]], behind: usize) -> Vec<f32> {
    let blocks = rows.chunks_exact(behind);
    blocks.flat_map(|block| (0..C).flat_map(|c| block.iter().map(move |row| row[c]))).collect()
}
