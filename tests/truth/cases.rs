//! One layer against PyTorch: forward within 1e-6 of the scale, gradients within 1e-5, in training and in use.

use super::net::Net;
use super::vectors::{Case, assert_close, cases};

const FORWARD: f32 = 1e-6;
const GRADIENTS: f32 = 1e-5;

/// The cases of a file, of which each is checked once.
pub struct Cases {
    file: String,
    left: Vec<Case>,
}

impl Cases {
    pub fn of(layer: &str) -> Self {
        let file = format!("layers/{layer}.json");
        Cases { left: cases(&file), file }
    }

    /// The steps and the extremes of this name, on each of `nets`.
    pub fn check(&mut self, name: &str, nets: &mut [Box<dyn Net>]) {
        let (here, left) = self.left.drain(..).partition(|case| case.text("name") == name);
        self.left = left;
        let here: Vec<Case> = here;
        assert!(!here.is_empty(), "{}: no case `{name}`", self.file);
        for net in nets {
            for case in &here {
                match case.get("extremes") {
                    None => step(case, &mut **net, &format!("{}, {name}", self.file)),
                    Some(_) => extremes(case, &mut **net, &format!("{}, {name}", self.file)),
                }
            }
        }
    }

    pub fn finish(self) {
        let left: Vec<_> = self.left.iter().map(|case| case.text("name")).collect();
        assert!(left.is_empty(), "{}: cases that nobody declares: {left:?}", self.file);
    }
}

/// One step in training, then a forward pass in use.
fn step(case: &Case, net: &mut dyn Net, of: &str) {
    let (mut x, y, dy) = (case.list("x"), case.numbers("y"), case.numbers("dy"));
    // Ids travel among numbers by their bits, and there is no gradient by them.
    if case.get("ids").is_some() {
        x[0].iter_mut().for_each(|id| *id = f32::from_bits(*id as u32));
    }
    let lengths = case.get("lengths").map_or(vec![], |_| case.indices("lengths"));
    let n = match lengths.len() {
        0 => case.get("y").and_then(|y| y.as_array()).unwrap().len(),
        n => n,
    };
    let names = net.names();
    let tensor = |name: &str| {
        let found = names.iter().position(|other| other.strip_prefix("layer.") == Some(name));
        found.unwrap_or_else(|| panic!("{of}: there is no `{name}` among {names:?}"))
    };
    let state = case.dictionary("state");
    assert_eq!(state.len(), names.len(), "{of}: as many tensors as PyTorch has");
    for (name, numbers) in &state {
        net.tensor(tensor(name)).copy_from_slice(numbers);
    }

    let step = net.train_lengths(&x, &lengths, &dy);
    assert_close(&step.y, &y, FORWARD, &format!("{of}: y"));
    let expected = case.list("dx");
    let dx = &step.dx[x.len() - expected.len()..];
    for (i, (dx, expected)) in dx.iter().zip(&expected).enumerate() {
        assert_close(dx, expected, GRADIENTS, &format!("{of}: dx of input {i}"));
    }
    for (name, expected) in case.dictionary("grads") {
        let found = &step.grads[tensor(&name)];
        assert_close(found, &expected, GRADIENTS, &format!("{of}: gradient of {name}"));
    }

    if case.get("state_after").is_some() {
        for (name, expected) in case.dictionary("state_after") {
            assert_close(net.tensor(tensor(&name)), &expected, FORWARD, &format!("{of}: {name}"));
        }
    }
    let used = if case.get("y_eval").is_some() { case.numbers("y_eval") } else { y };
    assert_close(
        &net.forward_lengths(n, &x, &lengths)[0],
        &used,
        FORWARD,
        &format!("{of}: y in use"),
    );
}

/// Number by number, where functions overflow or change their branch; every output counts once in the loss.
fn extremes(case: &Case, net: &mut dyn Net, of: &str) {
    let (x, y, dx) = (case.numbers("extremes"), case.numbers("y"), case.numbers("dx"));
    // Each number on its own, in a sample that is otherwise the same: a layer must not care for its place.
    for ((&x, &y), &dx) in x.iter().zip(&y).zip(&dx) {
        let sample = vec![vec![x; 24]];
        let step = net.train(&sample, &[1.0; 24]);
        let used = net.forward(1, &sample);
        for found in step.y.iter().chain(&used[0]) {
            assert_same(*found, y, FORWARD, &format!("{of}({x})"));
        }
        // Where PyTorch's formula has no value, ours may have its limit.
        for found in step.dx[0].iter().filter(|_| !x.is_nan() && !dx.is_nan()) {
            assert_same(*found, dx, GRADIENTS, &format!("slope of {of} at {x}"));
        }
    }
}

/// Within `tolerance` of the number's own size, or of one if it is smaller.
#[track_caller]
fn assert_same(actual: f32, expected: f32, tolerance: f32, what: &str) {
    let near = (actual - expected).abs() <= tolerance * expected.abs().max(1.0);
    let both_nan = actual.is_nan() && expected.is_nan();
    assert!(near || both_nan || actual == expected, "{what} is {actual:e}, not {expected:e}");
}
