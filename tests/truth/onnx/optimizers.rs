//! ONNX's training operators: one step each. Their formulas are PyTorch's with other names; where they differ, so is said.

use firmnet::optim::{Adagrad, Adam, Optimizer, Sgd};

use super::{Outcome, Vector};

pub fn judge(vector: &Vector) -> Option<Outcome> {
    let (done, by) = match vector.operators().next()? {
        "Adam" => (adam(vector), "Adam"),
        "Adagrad" => (adagrad(vector), "Adagrad"),
        "Momentum" => (momentum(vector), "Sgd"),
        _ => return None,
    };
    Some(match done {
        Ok(used) => Outcome::Passed { used, by: by.into(), without: vec![] },
        Err(why) => Outcome::Failed(why),
    })
}

/// ONNX adds epsilon before the second moment is corrected, PyTorch after: ours is epsilon / √(1 − βᵀ).
/// At T = 0 ONNX corrects nothing, as after infinitely many steps.
fn adam(vector: &Vector) -> Result<f64, String> {
    let (lr, t) = (vector.numbers("R")[0], vector.indices("T")[0]);
    let [beta1, beta2] = ["alpha", "beta"].map(|name| vector.number(name));
    let correction = if t == 0 { 1.0 } else { (1.0 - f64::from(beta2).powf(t as f64)).sqrt() };
    let adam = Adam::new(lr)
        .betas(beta1, beta2)
        .eps((f64::from(vector.number("epsilon")) / correction) as f32)
        .weight_decay(vector.number("norm_coefficient"));
    step(vector, adam, if t == 0 { u32::MAX } else { t as u32 })
}

/// ONNX counts the steps before this one, PyTorch this one too.
fn adagrad(vector: &Vector) -> Result<f64, String> {
    let adagrad = Adagrad::new(vector.numbers("R")[0])
        .lr_decay(vector.number("decay_factor"))
        .eps(vector.number("epsilon"))
        .weight_decay(vector.number("norm_coefficient"));
    step(vector, adagrad, vector.indices("T")[0] as u32 + 1)
}

/// ONNX's beta is what a gradient adds to the velocity, PyTorch's dampening what it does not.
fn momentum(vector: &Vector) -> Result<f64, String> {
    let mode = vector.attribute("mode").and_then(|mode| mode.as_str());
    let sgd = Sgd::new(vector.numbers("R")[0])
        .momentum(vector.number("alpha"))
        .dampening(1.0 - vector.number("beta"))
        .nesterov(mode == Some("nesterov"))
        .weight_decay(vector.number("norm_coefficient"));
    step(vector, sgd, vector.indices("T")[0] as u32 + 1)
}

/// Inputs are R, T, then all parameters, all gradients and all of each state; outputs the parameters and each state.
fn step(vector: &Vector, optimizer: impl Optimizer, t: u32) -> Result<f64, String> {
    let (slots, outputs) = (optimizer.slots(), vector.outputs());
    let tensors = outputs.len() / (1 + slots);
    let mut used = 0.0;
    for i in 0..tensors {
        let input = |kind: usize| vector.numbers(vector.input(2 + kind * tensors + i).unwrap());
        let (mut p, g) = (input(0), input(1));
        let mut state: Vec<Vec<f32>> = (0..slots).map(|slot| input(2 + slot)).collect();
        let mut views: Vec<&mut [f32]> = state.iter_mut().map(Vec::as_mut_slice).collect();
        optimizer.update(t, &mut p, &g, &mut views);
        for (kind, found) in std::iter::once(&p).chain(&state).enumerate() {
            used = f64::max(used, vector.compare(found, outputs[kind * tensors + i])?);
        }
    }
    Ok(used)
}
