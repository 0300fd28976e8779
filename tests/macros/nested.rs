//! A network as a layer of another: the same numbers as if its layers stood there.

use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

network! {
    /// A block with everything that a pass keeps: for a sample, for a batch, by chance.
    pub struct Block {
        conv: Conv2d(4, 3, padding = 1), norm: BatchNorm2d,
    }
    fn forward(x: [4, 6, 6]) -> [4, 6, 6] {
        Tanh(x + Dropout(norm(conv(x)), p = 0.25))
    }
}

network! {
    pub struct Outer {
        stem: Conv2d(4, 3, padding = 1), block1: Block, block2: Block, head: Linear(3),
    }
    fn forward(x: [1, 6, 6]) -> [3] {
        let h = block1(ReLU(stem(x)));
        head(Flatten(block2(h) * h))
    }
}

network! {
    /// The same, written out.
    pub struct Flat {
        stem: Conv2d(4, 3, padding = 1),
        conv1: Conv2d(4, 3, padding = 1), norm1: BatchNorm2d,
        conv2: Conv2d(4, 3, padding = 1), norm2: BatchNorm2d,
        head: Linear(3),
    }
    fn forward(x: [1, 6, 6]) -> [3] {
        let a = ReLU(stem(x));
        let h = Tanh(a + Dropout(norm1(conv1(a)), p = 0.0));
        let b = Tanh(h + Dropout(norm2(conv2(h)), p = 0.0));
        head(Flatten(b * h))
    }
}

fn batch(n: usize) -> Vec<[[[f32; 6]; 6]; 1]> {
    let number = |i: usize| ((i * 7919 + 13) % 101) as f32 / 50.0 - 1.0;
    let mut numbers = (0..).map(number);
    (0..n)
        .map(|_| [std::array::from_fn(|_| std::array::from_fn(|_| numbers.next().unwrap()))])
        .collect()
}

#[test]
fn tensors_have_the_name_of_the_layer_before_their_own() {
    let names: Vec<_> = Outer::TENSORS.iter().map(|tensor| tensor.name.as_str()).collect();
    assert_eq!(names[0], "stem.weight");
    assert_eq!(names[2..4], ["block1.conv.weight", "block1.conv.bias"]);
    assert_eq!(names[6..8], ["block1.norm.running_mean", "block1.norm.running_var"]);
    assert_eq!(names.last(), Some(&"head.bias"));
    assert_eq!(Outer::PARAMETERS, Flat::PARAMETERS);
    assert_eq!(Outer::MACS, Flat::MACS);
}

network! { struct InUse { block: Block } fn forward(x: [4, 6, 6]) -> [4, 6, 6] { block(x) } }

#[test]
fn a_network_with_one_layer_that_is_a_network_gives_the_same_bits() {
    let mut rng = StdRng::seed_from_u64(3);
    let block = Block::boxed(&mut rng);
    let mut outer = InUse::boxed_zero();
    outer.block.copy_from(&block);
    let x: Vec<_> = batch(12).chunks(4).map(|x| [x[0][0], x[1][0], x[2][0], x[3][0]]).collect();
    let (mut memory, mut other) = (Workspace::new(), Workspace::new());
    assert_eq!(outer.forward_batch(&x, &mut memory), block.forward_batch(&x, &mut other));
}

#[test]
fn training_gives_what_the_layers_written_out_give() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut flat = Flat::boxed(&mut rng);
    let mut outer = WithoutChance::boxed_zero();
    outer.stem = flat.stem;
    (outer.block1.conv, outer.block1.norm) = (flat.conv1, flat.norm1);
    (outer.block2.conv, outer.block2.norm) = (flat.conv2, flat.norm2);
    outer.head = flat.head;

    let (x, targets) = (batch(5), [0_u8, 2, 1, 1, 0]);
    let (mut memory, mut other) = (Workspace::new(), Workspace::new());
    let (mut grad, mut expected) = (WithoutChance::boxed_zero(), Flat::boxed_zero());
    let (mut dx, mut dx_expected) = (batch(5), batch(5));
    let loss = CrossEntropyLoss::new();
    for _ in 0..2 {
        let mut pass = outer.forward_training(&x, &mut memory, &mut rng);
        let of_outer = pass.loss(&loss, &targets);
        grad.clear();
        pass.backward_to_input(&outer, &mut grad, &mut dx);
        let mut pass = flat.forward_training(&x, &mut other, &mut rng);
        let of_flat = pass.loss(&loss, &targets);
        expected.clear();
        pass.backward_to_input(&flat, &mut expected, &mut dx_expected);

        assert_eq!(of_outer, of_flat);
        assert_eq!(dx, dx_expected);
        for i in 0..Flat::TENSORS.len() {
            assert_eq!(grad.tensor(i), expected.tensor(i), "gradient of {}", Flat::TENSORS[i].name);
            assert_eq!(outer.tensor(i), flat.tensor(i), "{}", Flat::TENSORS[i].name);
        }
    }
    // The gradient of the input alone is the same, and the convolutions work out no other.
    let (mut none, mut alone) = (WithoutChance::boxed_zero(), batch(5));
    let mut pass = outer.forward_training(&x, &mut memory, &mut rng);
    pass.loss(&loss, &targets);
    pass.input_gradient(&outer, &mut none, &mut alone);
    assert_eq!(alone, dx);
    assert!(none.stem.weight.as_flattened().iter().all(|dw| *dw == [[0.0; 3]; 3]));
    assert!(none.block1.conv.weight.as_flattened().iter().all(|dw| *dw == [[0.0; 3]; 3]));
}

network! {
    struct Still { conv: Conv2d(4, 3, padding = 1), norm: BatchNorm2d }
    fn forward(x: [4, 6, 6]) -> [4, 6, 6] { Tanh(x + norm(conv(x))) }
}
network! {
    struct WithoutChance {
        stem: Conv2d(4, 3, padding = 1), block1: Still, block2: Still, head: Linear(3),
    }
    fn forward(x: [1, 6, 6]) -> [3] {
        let h = block1(ReLU(stem(x)));
        head(Flatten(block2(h) * h))
    }
}

network! {
    /// Networks within networks, of several inputs, called twice.
    struct Deep { outer: Outer, join: Join }
    fn forward(a: [1, 6, 6], b: [1, 6, 6]) -> [3] { join(outer(a), outer(b)) }
}
network! {
    struct Join { fc: Linear(3) }
    fn forward(a: [3], b: [3]) -> [3] { fc(Concat(a, b)) }
}

network! {
    /// Networks that are trained, called twice, frozen, and kept from their gradient, and a layer beside them.
    struct Mixed { outer: WithoutChance, deep: Deep, #[frozen] still: Outer, kept: Outer, fc: Linear(3) }
    fn forward(x: [1, 6, 6]) -> [3] { fc(outer(x) + deep(x, x) + still(x) + Detach(kept(x))) }
}

/// What is written is what is added to zeros, whatever was there.
#[test]
fn a_gradient_is_written_in_all_networks() {
    let net = || Mixed::boxed(&mut StdRng::seed_from_u64(3));
    let (mut memory, targets) = (Workspace::new(), [0_u8, 1, 2, 0, 1]);
    let mut of = |start: f32, written: bool| {
        let (mut net, mut grad) = (net(), Mixed::boxed_zero());
        (0..Mixed::TENSORS.len()).for_each(|i| grad.tensor_mut(i).fill(start));
        let mut rng = StdRng::seed_from_u64(4);
        let x = batch(5);
        let mut pass = net.forward_training(&x, &mut memory, &mut rng);
        pass.loss(&CrossEntropyLoss::new(), &targets);
        match written {
            true => pass.gradient(&net, &mut grad),
            false => pass.backward(&net, &mut grad),
        }
        grad
    };
    let (written, added) = (of(f32::NAN, true), of(0.0, false));
    for i in 0..Mixed::TENSORS.len() {
        assert_eq!(written.tensor(i), added.tensor(i), "{}", Mixed::TENSORS[i].name);
    }
}

#[test]
fn a_network_in_a_network_in_a_network_learns() {
    let mut rng = StdRng::seed_from_u64(2);
    let (mut net, mut grad) = (Deep::boxed(&mut rng), Deep::boxed_zero());
    let (adam, mut memory) = (Adam::new(0.01), Workspace::new());
    let mut state = adam.state();
    let (a, b, targets) = (batch(8), batch(9), [0_u8, 1, 2, 0, 1, 2, 0, 1]);
    let mut losses = vec![];
    for _ in 0..60 {
        let mut pass = net.forward_training((&a, &b[1..]), &mut memory, &mut rng);
        losses.push(pass.loss(&CrossEntropyLoss::new(), &targets));
        pass.gradient(&net, &mut grad);
        adam.step(&mut *net, &grad, &mut state);
    }
    assert!(losses[59] < 0.3 * losses[0], "{} to {}", losses[0], losses[59]);
    assert_eq!(Deep::TENSORS[2].name.as_str(), "outer.block1.conv.weight");
}
