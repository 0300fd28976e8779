//! Quantisation-aware training against PyTorch's fake quantisation, step by step.

use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::vectors::{Case, assert_close, cases};

network! {
    #[quantize(i8)]
    pub struct Rounded {
        conv: Conv2d(4, 3, padding = 1, bias = false), bn: BatchNorm2d,
        dw: Conv2d(4, 3, padding = 1, groups = 4),
        fc: Linear(5),
    }
    fn forward(x: [2, 4, 4]) -> [5] {
        let y = ReLU(bn(conv(x)));
        let z = ReLU(dw(y) + y);
        fc(Flatten(Sigmoid(AvgPool2d(3, stride = 1)(z))))
    }
}

/// The numbers of `tensor`, if they are among those of `key`.
fn find(case: &Case, key: &str, tensor: &str) -> Option<Vec<f32>> {
    let all = case.dictionary(key);
    all.into_iter().find(|(name, _)| name == tensor).map(|(_, numbers)| numbers)
}

#[test]
fn steps_are_those_of_pytorch() {
    let cases = cases("qat.json");
    let mut qat = Qat::<RoundedInt8>::boxed_zero();
    let names = Qat::<RoundedInt8>::TENSORS.iter().map(|tensor| tensor.name.as_str());
    for (i, name) in names.clone().enumerate().filter(|(_, name)| *name != "ranges") {
        qat.tensor_mut(i).copy_from_slice(&find(&cases[0], "state", name).unwrap());
    }
    let mut memory = Workspace::new();
    for (step, case) in cases.iter().enumerate() {
        let (x, dy) = (case.numbers("x"), case.numbers("dy"));
        let (xs, dys): (&[[f32; 32]], &[[f32; 5]]) = (x.as_chunks().0, dy.as_chunks().0);
        let xs: Vec<[[[f32; 4]; 4]; 2]> = xs
            .iter()
            .map(|x| {
                core::array::from_fn(|c| {
                    core::array::from_fn(|h| core::array::from_fn(|w| x[16 * c + 4 * h + w]))
                })
            })
            .collect();
        let mut grad = Qat::<RoundedInt8>::boxed_zero();
        // What is there must not count.
        (0..names.clone().count()).for_each(|i| grad.tensor_mut(i).fill(f32::NAN));
        let mut pass = qat.forward_training(&xs, &mut memory, &mut SmallRng::seed_from_u64(1));
        assert_close(pass.output().as_flattened(), &case.numbers("y"), 1e-5, &format!("y {step}"));
        pass.loss_with(|_, to| to.copy_from_slice(dys));
        pass.gradient(&qat, &mut grad);
        for (i, name) in names.clone().enumerate() {
            let what = format!("{name} {step}");
            if let Some(expected) = find(case, "grads", name) {
                assert_close(grad.tensor(i), &expected, 1e-5, &what);
            }
            if let Some(expected) = find(case, "state_after", name) {
                assert_close(qat.tensor(i), &expected, 1e-5, &what);
            }
            if name == "ranges" {
                assert_close(qat.tensor(i), &case.numbers("ranges"), 1e-5, &what);
            }
        }
        if let Some(expected) = case.get("y_eval").map(|_| case.numbers("y_eval")) {
            let y = qat.forward_batch(&xs, &mut memory);
            assert_close(y.as_flattened(), &expected, 1e-5, "in use");
        }
    }
}
