//! Layers that only move numbers: `Reshape`, `Transpose`, `Concat`, `Slice`, `Identity`.

use firmnet::prelude::*;
use firmnet::sample::Sample;

use super::gradients;

/// `0, 1, 2, …`
fn count<S: Sample>() -> S {
    let mut sample = [S::ZERO];
    S::flatten_mut(&mut sample).iter_mut().enumerate().for_each(|(i, x)| *x = i as f32);
    sample[0]
}

network! { struct Folded: [6] -> [2, 3] { Reshape([2, 3]) } }
network! { struct Turned: [2, 3] -> [3, 2] { Transpose(0, 1) } }
network! { struct Swapped: [2, 3, 4] -> [4, 3, 2] { Transpose(0, -1) } }
network! { struct Rows: [2, 3, 4] -> [3, 2, 4] { Transpose(1, 0) } }
network! { struct Four: [2, 3, 2, 2] -> [2, 2, 2, 3] { Transpose(1, 3) } }
network! { struct Still: [2, 3] -> [2, 3] { Transpose(1, 1) } }
network! { struct Same: [5] -> [5] { Identity } }
network! { struct Part: [6] -> [3] { Slice(2, 5) } }
network! { struct Columns: [2, 4] -> [2, 2] { Slice(1, 3, dim = -1) } }
network! { struct Middle: [2, 3, 2] -> [2, 1, 2] { Slice(1, 2, dim = 1) } }
network! {
    struct Joined {}
    fn forward(a: [1, 2], b: [2, 2]) -> [3, 2] { Concat(a, b) }
}
network! {
    struct Beside {}
    fn forward(a: [2, 1], b: [2, 3]) -> [2, 4] { Concat(a, b, dim = 1) }
}

#[test]
fn values() {
    let mut memory = Workspace::new();
    let x: [[f32; 3]; 2] = count();
    assert_eq!(*Folded::ZERO.forward(&count(), &mut memory), x);
    assert_eq!(*Turned::ZERO.forward(&x, &mut memory), [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]);
    assert_eq!(*Still::ZERO.forward(&x, &mut memory), x);
    assert_eq!(*Same::ZERO.forward(&count(), &mut memory), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(*Part::ZERO.forward(&count(), &mut memory), [2.0, 3.0, 4.0]);
    assert_eq!(*Columns::ZERO.forward(&count(), &mut memory), [[1.0, 2.0], [5.0, 6.0]]);
    assert_eq!(*Middle::ZERO.forward(&count(), &mut memory), [[[2.0, 3.0]], [[8.0, 9.0]]]);
    let joined = Joined::ZERO.forward(&([[1.0, 2.0]], [[3.0, 4.0], [5.0, 6.0]]), &mut memory);
    assert_eq!(*joined, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let beside = ([[1.0], [5.0]], [[2.0, 3.0, 4.0], [6.0, 7.0, 8.0]]);
    let beside = Beside::ZERO.forward(&beside, &mut memory);
    assert_eq!(*beside, [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]);
}

/// A transpose is what its indices say, in a batch too.
#[test]
fn transposes() {
    let mut memory = Workspace::new();
    let x: [[[[f32; 4]; 3]; 2]; 2] = count();
    let y = Swapped::ZERO.forward_batch(&x, &mut memory);
    for (n, a, b, c) in indices([2, 2, 3, 4]) {
        assert_eq!(y[n][c][b][a], x[n][a][b][c]);
    }
    let y = Rows::ZERO.forward_batch(&x, &mut memory);
    for (n, a, b, c) in indices([2, 2, 3, 4]) {
        assert_eq!(y[n][b][a][c], x[n][a][b][c]);
    }
    let x: [[[[f32; 2]; 2]; 3]; 2] = count();
    let y = Four::ZERO.forward(&x, &mut memory);
    for (a, b, c, d) in indices([2, 3, 2, 2]) {
        assert_eq!(y[a][d][c][b], x[a][b][c][d]);
    }
}

fn indices(sizes: [usize; 4]) -> impl Iterator<Item = (usize, usize, usize, usize)> {
    let [a, b, c, d] = sizes;
    (0..a * b * c * d).map(move |i| (i / (b * c * d), i / (c * d) % b, i / d % c, i % d))
}

network! {
    struct JoinedTwice { fc: Linear(4) }
    fn forward(x: [3]) -> [7, 2] {
        let h = Reshape([2, 2])(fc(x));
        Concat(h, h, Transpose(0, 1)(h), Reshape([1, 2])(Slice(0, 2)(x)))
    }
}
network! {
    struct InputTwice {}
    fn forward(x: [2, 3]) -> [2, 12] { Concat(x, Sigmoid(x), x, x, dim = 1) }
}
network! {
    struct Halves { fc: Linear(6) }
    fn forward(x: [3]) -> [3] {
        let h = fc(x);
        Slice(0, 3)(h) * Sigmoid(Slice(3, 6)(h)) + Slice(2, 5)(h)
    }
}
network! {
    struct Views { fc: Linear(6), out: Linear(2) }
    fn forward(x: [2, 3]) -> [2] {
        let h = Reshape([3, 2])(fc(Flatten(x)));
        out(Flatten(Transpose(0, 1)(h) + Identity(x)))
    }
}

#[test]
fn gradients() {
    gradients::check::<Folded>(2);
    gradients::check::<Turned>(2);
    gradients::check::<Swapped>(2);
    gradients::check::<Rows>(2);
    gradients::check::<Four>(2);
    gradients::check::<Still>(2);
    gradients::check::<Same>(2);
    gradients::check::<Part>(2);
    gradients::check::<Columns>(2);
    gradients::check::<Middle>(2);
    gradients::check::<JoinedTwice>(2);
    gradients::check::<InputTwice>(2);
    gradients::check::<Halves>(2);
    gradients::check::<Views>(2);
}
