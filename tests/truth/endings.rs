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

network! {
    /// A sum waits for the branch that comes last; what that adds is an input of the network, or what another convolution gave.
    struct Residual {
        conv1: Conv2d(8, 3, padding = 1), bn1: BatchNorm2d,
        conv2: Conv2d(5, 3, padding = 1, bias = false), bn2: BatchNorm2d(affine = false),
        shortcut: Conv2d(32, 1, stride = 2, bias = false), bn3: BatchNorm2d,
        conv4: Conv2d(32, 3, stride = 2, padding = 1), bn4: BatchNorm2d,
        conv5: Conv2d(32, 3, padding = 1), bn5: BatchNorm2d,
        conv6: Conv2d(32, 3, padding = 1), bn6: BatchNorm2d,
    }
    fn forward(x: [5, 40, 38]) -> [32, 10, 9] {
        let a = ReLU(x + bn2(conv2(ReLU(bn1(conv1(x))))));
        let b = ReLU6(bn3(shortcut(a)) + bn4(conv4(a)));
        let c = b + ReLU(bn5(conv5(b)));
        MaxPool2d(2)(ReLU(bn6(conv6(c))))
    }
}

network! {
    /// The same; with something in between, no layer can do what the next is for.
    struct ResidualApart {
        conv1: Conv2d(8, 3, padding = 1), bn1: BatchNorm2d,
        conv2: Conv2d(5, 3, padding = 1, bias = false), bn2: BatchNorm2d(affine = false),
        shortcut: Conv2d(32, 1, stride = 2, bias = false), bn3: BatchNorm2d,
        conv4: Conv2d(32, 3, stride = 2, padding = 1), bn4: BatchNorm2d,
        conv5: Conv2d(32, 3, padding = 1), bn5: BatchNorm2d,
        conv6: Conv2d(32, 3, padding = 1), bn6: BatchNorm2d,
    }
    fn forward(x: [5, 40, 38]) -> [32, 10, 9] {
        let a1 = ReLU(bn1(Identity(conv1(x))));
        let a2 = bn2(Identity(conv2(a1)));
        let a = ReLU(Identity(x + Identity(a2)));
        let b1 = bn3(Identity(shortcut(a)));
        let b2 = bn4(Identity(conv4(a)));
        let b = ReLU6(Identity(Identity(b1) + Identity(b2)));
        let c = b + Identity(ReLU(bn5(Identity(conv5(b)))));
        MaxPool2d(2)(ReLU(bn6(Identity(conv6(c)))))
    }
}

#[test]
fn normalised_and_added_by_the_convolution() {
    let mut rng = SmallRng::seed_from_u64(1);
    let (mut ended, mut apart) = (Residual::boxed(&mut rng), ResidualApart::boxed_zero());
    for i in 0..Residual::TENSORS.len() {
        // Other statistics, weights and biases than those of the start.
        if Residual::TENSORS[i].name.to_string().contains("bn") {
            let numbers = ended.tensor_mut(i).iter_mut().enumerate();
            numbers.for_each(|(c, number)| *number = 0.5 + ((c * 7 + i) % 11) as f32 / 8.0);
        }
        apart.tensor_mut(i).copy_from_slice(ended.tensor(i));
    }
    let number = |at: usize| ((at * 37) % 101) as f32 / 20.0 - 2.5;
    let xs: [[[[f32; 38]; 40]; 5]; 3] = std::array::from_fn(|i| {
        let line = |at: usize| std::array::from_fn(|col| number(40 * at + col));
        std::array::from_fn(|c| std::array::from_fn(|row| line(40 * (5 * i + c) + row)))
    });
    let (mut memory, mut more) = (Workspace::new(), Workspace::new());
    let found = ended.forward_batch(&xs, &mut memory);
    assert_eq!(found, apart.forward_batch(&xs, &mut more));
    let done_by = |summary: String| -> Vec<_> {
        let by = summary.lines().filter_map(|line| line.split("done by ").nth(1));
        by.map(str::to_string).collect()
    };
    let expected =
        ["conv1", "conv1", "conv2", "conv2", "conv2", "shortcut", "conv4", "conv4", "conv4"];
    let rest = ["conv5", "conv5", "conv6", "conv6", "conv6"];
    assert_eq!(done_by(Residual::summary().to_string()), [&expected[..], &rest].concat());
    let few = done_by(ResidualApart::summary().to_string());
    assert!(few.is_empty(), "{few:?}");
}
