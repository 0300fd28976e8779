use firmnet_runtime::metrics::{Average, Confusion, Regression, Scores, argmax, in_top};

/// What is and what was said; class 3 is only said, and class 5 occurs nowhere.
const IS: [usize; 14] = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 4, 4];
const SAID: [usize; 14] = [0, 0, 1, 2, 1, 1, 0, 2, 2, 2, 1, 4, 4, 3];

fn confusion() -> Confusion {
    let mut confusion = Confusion::new(6);
    IS.iter().zip(SAID).for_each(|(&is, said)| confusion.add(is, said));
    confusion
}

#[track_caller]
fn check(found: Scores, precision: f64, recall: f64, f1: f64) {
    let near = |found: f64, expected: f64| (found - expected).abs() < 1e-12;
    let all = near(found.precision, precision) && near(found.recall, recall) && near(found.f1, f1);
    assert!(all, "{found:?}");
}

/// The numbers are those of scikit-learn 1.9.1, `precision_recall_fscore_support(IS, SAID, average=…, zero_division=0)`.
#[test]
fn scores_are_those_of_scikit_learn() {
    let confusion = confusion();
    assert_eq!((confusion.count(0, 1), confusion.count(1, 0), confusion.count(2, 4)), (1, 1, 1));
    assert_eq!(
        (0..6).map(|class| confusion.support(class)).collect::<Vec<_>>(),
        [4, 3, 5, 0, 2, 0]
    );
    assert!((confusion.accuracy() - 0.5714285714285714).abs() < 1e-12);
    check(confusion.scores(0), 2.0 / 3.0, 0.5, 0.5714285714285714);
    check(confusion.scores(1), 0.5, 2.0 / 3.0, 0.5714285714285714);
    check(confusion.scores(2), 0.75, 0.6, 2.0 / 3.0);
    check(confusion.scores(3), 0.0, 0.0, 0.0);
    check(confusion.scores(4), 0.5, 0.5, 0.5);
    check(confusion.scores(5), 0.0, 0.0, 0.0);
    let average = |average| confusion.average(average);
    check(average(Average::Macro), 0.4833333333333333, 0.4533333333333333, 0.4619047619047619);
    check(average(Average::Micro), 0.5714285714285714, 0.5714285714285714, 0.5714285714285714);
    check(average(Average::Weighted), 0.6369047619047619, 0.5714285714285714, 0.5952380952380951);
    check(Confusion::new(3).average(Average::Macro), 0.0, 0.0, 0.0);
    assert_eq!(Confusion::new(0).accuracy(), 0.0);
}

#[test]
fn the_table_shows_counts_and_scores() {
    let mut confusion = Confusion::new(2);
    for (is, said) in [(0, 0), (0, 0), (0, 1), (1, 1)].repeat(30) {
        confusion.add(is, said);
    }
    let expected = "\
is \\ said   0  1   precision  recall      f1  support
        0  60 30      1.0000  0.6667  0.8000       90
        1   0 30      0.5000  1.0000  0.6667       30
    macro             0.7500  0.8333  0.7333      120
 weighted             0.8750  0.7500  0.7667      120
 accuracy             0.7500";
    assert_eq!(confusion.to_string(), expected);
}

#[test]
#[should_panic(expected = "there are 2 classes")]
fn a_class_beyond_the_last_is_refused() {
    Confusion::new(2).add(0, 2);
}

/// By scikit-learn's `top_k_accuracy_score`: 0.25, 0.25, 0.5 for k = 1, 2, 3 where no scores are equal but those of the
/// second row, in which the first of equals is the larger here.
#[test]
fn the_largest_scores_are_the_top() {
    let scores = [
        [0.1, 0.5, 0.2, 0.21],
        [0.3, 0.3, 0.3, 0.1],
        [0.7, 0.1, 0.15, 0.05],
        [0.25, 0.2, 0.3, 0.26],
    ];
    assert_eq!(scores.map(|y| argmax(&y)), [1, 0, 0, 2]);
    let top = |k| scores.iter().zip([1, 2, 3, 1]).map(|(y, t)| in_top(k, y, t)).collect::<Vec<_>>();
    assert_eq!(top(1), [true, false, false, false]);
    assert_eq!(top(2), [true, false, false, false]);
    assert_eq!(top(3), [true, true, false, false]);
    assert_eq!(top(4), [true; 4]);
    assert!(!in_top(9, &[1.0], 1) && !in_top(2, &[f32::NAN, 1.0], 0) && !in_top(0, &[1.0], 0));
    assert_eq!(argmax(&[]), 0);
}

/// The numbers are those of scikit-learn 1.9.1.
#[test]
fn errors_are_those_of_scikit_learn() {
    let of = |pairs: &[(f32, f32)]| {
        let mut errors = Regression::new();
        pairs.iter().for_each(|&(y, target)| errors.add(y, target));
        errors
    };
    let errors = of(&[(2.5, 3.0), (0.0, -0.5), (2.1, 2.0), (7.8, 7.0), (-1.25, -1.0)]);
    assert!((errors.mae() - 0.43).abs() < 1e-7 && (errors.mse() - 0.2425).abs() < 1e-7);
    assert!((errors.r2() - 0.9705703883495146).abs() < 1e-7, "{}", errors.r2());
    assert_eq!(of(&[(1.0, 1.0), (1.0, 1.0)]).r2(), 1.0);
    assert_eq!(of(&[(1.0, 1.0), (2.0, 1.0)]).r2(), 0.0);
    assert!(of(&[]).mae().is_nan() && of(&[]).r2().is_nan());
    // A large mean does not drown the spread.
    let far: Vec<_> = (0..1000).map(|i| (1e6 + i as f32, 1e6 + i as f32 + 1.0)).collect();
    assert!((of(&far).r2() - (1.0 - 12.0 / (1e6 - 1.0))).abs() < 1e-9);
}
