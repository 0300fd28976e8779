//! What a layer does to its own output in place of the layers behind it, against the same layers one by one.

use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;

network! {
    struct Ended: [1, 26, 26] -> [32, 11, 11] {
        conv1: Conv2d(32, 3), ReLU6,
        conv2: Conv2d(32, 3), ReLU, MaxPool2d(2),
    }
}

network! {
    /// Each value is an output, so that nothing can be left out.
    struct Apart {
        conv1: Conv2d(32, 3), conv2: Conv2d(32, 3),
    }
    fn forward(x: [1, 26, 26]) -> ([32, 24, 24], [32, 24, 24], [32, 22, 22], [32, 22, 22], [32, 11, 11]) {
        let a = conv1(x);
        let b = ReLU6(a);
        let c = conv2(b);
        let d = ReLU(c);
        (a, b, c, d, MaxPool2d(2)(d))
    }
}

#[test]
fn not_a_bit_differs() {
    let mut rng = SmallRng::seed_from_u64(1);
    let (ended, mut apart) = (Ended::boxed(&mut rng), Apart::boxed_zero());
    for i in 0..Ended::TENSORS.len() {
        apart.tensor_mut(i).copy_from_slice(ended.tensor(i));
    }
    let image = |i: usize| std::array::from_fn(|at| ((at * 37 + i) % 101) as f32 / 20.0 - 2.5);
    let xs = [0, 1, 2].map(|i| [std::array::from_fn(|row| image(26 * row + i))]);
    let (mut memory, mut more) = (Workspace::new(), Workspace::new());
    let found = ended.forward_batch(&xs, &mut memory);
    let (.., expected) = apart.forward_batch(&xs, &mut more);
    assert_eq!(found, expected);
    let summary = Ended::summary().to_string();
    assert!(
        summary.lines().filter(|line| line.ends_with("done by conv2")).count() == 2,
        "{summary}"
    );
    assert!(!Apart::summary().to_string().contains("done by"));
}
