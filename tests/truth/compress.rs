//! Pruning against PyTorch, and against what it means: what is taken away was not needed.

use firmnet::compress::{Kept, Mask, narrow};
use firmnet::prelude::*;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::vectors::{Case, assert_close, cases};

network! {
    struct Wide: [2, 6, 6] -> [3] {
        conv: Conv2d(8, 3), bn: BatchNorm2d, ReLU,
        depthwise: Conv2d(8, 3, groups = 8), ReLU, Flatten,
        fc1: Linear(10), ReLU,
        fc2: Linear(3),
    }
}
network! {
    struct Narrow: [2, 6, 6] -> [3] {
        conv: Conv2d(5, 3), bn: BatchNorm2d, ReLU,
        depthwise: Conv2d(5, 3, groups = 5), ReLU, Flatten,
        fc1: Linear(6), ReLU,
        fc2: Linear(3),
    }
}

fn load<N: Network>(net: &mut N, case: &Case) {
    let state = case.dictionary("state");
    for (i, tensor) in N::TENSORS.iter().enumerate() {
        let (_, numbers) = state.iter().find(|(name, _)| name == tensor.name.as_str()).unwrap();
        net.tensor_mut(i).copy_from_slice(numbers);
    }
}

#[test]
fn pruned_weights_are_those_of_pytorch() {
    for case in cases("pruned_weights.json") {
        let mut net = Wide::boxed_zero();
        load(&mut *net, &case);
        let weights = |name: &str| name.ends_with("weight") && name != "bn.weight";
        let mask = Mask::by_magnitude(&*net, case.number("amount").unwrap(), weights);
        let whole = net.conv.bias;
        let mut ones = Wide::boxed_zero();
        (0..Wide::TENSORS.len()).for_each(|i| ones.tensor_mut(i).fill(1.0));
        mask.apply(&mut *ones);
        mask.apply(&mut *net);
        let masks = case.dictionary("masks");
        let mut kept = Wide::PARAMETERS;
        for (i, tensor) in Wide::TENSORS.iter().enumerate() {
            match masks.iter().find(|(name, _)| name == tensor.name.as_str()) {
                Some((name, expected)) => {
                    assert_eq!(ones.tensor(i), expected, "{name}, {}", case.name());
                    kept -= expected.iter().filter(|&&kept| kept == 0.0).count();
                }
                None => assert!(ones.tensor(i).iter().all(|&kept| kept == 1.0)),
            }
        }
        assert_eq!(mask.count(), kept);
        assert_eq!(net.conv.bias, whole, "only what was chosen");
    }
}

#[test]
fn narrow_networks_keep_the_channels_of_pytorch() {
    let case = &cases("pruned_channels.json")[0];
    let (mut wide, mut small) = (Wide::boxed_zero(), Narrow::boxed_zero());
    load(&mut *wide, case);
    let all = narrow(&*wide, &mut *small).unwrap();
    let kept = |layer: &str| &all.iter().find(|kept| kept.layer == layer).unwrap().kept;
    for (layer, expected) in case.dictionary("kept") {
        let expected: Vec<usize> = expected.iter().map(|&place| place as usize).collect();
        assert_eq!(*kept(&layer), expected);
    }
    // A depthwise layer keeps what comes.
    assert_eq!(kept("depthwise"), kept("conv"));
    for (to, &from) in kept("conv").iter().enumerate() {
        assert_eq!(small.conv.weight[to], wide.conv.weight[from]);
        assert_eq!(small.bn.running_var[to], wide.bn.running_var[from]);
    }
}

/// Channels that give nothing are not missed.
#[test]
fn a_narrow_network_without_the_idle_channels_is_the_wide_one() {
    let mut rng = SmallRng::seed_from_u64(1);
    let mut wide = Wide::boxed(&mut rng);
    for idle in [0, 3, 6] {
        wide.conv.weight[idle] = [[[0.0; 3]; 3]; 2];
        (wide.conv.bias[idle], wide.bn.bias[idle]) = (0.0, 0.0);
        // What the depthwise layer adds to nothing goes on to nobody.
        wide.depthwise.bias[idle] = 0.0;
    }
    for idle in [1, 2, 8, 9] {
        (wide.fc1.weight[idle], wide.fc1.bias[idle]) = ([0.0; 32], 0.0);
    }
    let mut small = Narrow::boxed_zero();
    let all = narrow(&*wide, &mut *small).unwrap();
    let expected = [
        Kept { layer: "conv", of: 8, kept: vec![1, 2, 4, 5, 7] },
        Kept { layer: "depthwise", of: 8, kept: vec![1, 2, 4, 5, 7] },
        Kept { layer: "fc1", of: 10, kept: vec![0, 3, 4, 5, 6, 7] },
    ];
    assert_eq!(all, expected);
    let (mut one, mut other) = (Workspace::new(), Workspace::new());
    for _ in 0..10 {
        let x = [[[0.0; 6]; 6]; 2].map(|plane: [[f32; 6]; 6]| {
            plane.map(|row| row.map(|_: f32| rng.random_range(-1.0..1.0)))
        });
        assert_close(small.forward(&x, &mut one), wide.forward(&x, &mut other), 1e-6, "narrow");
    }
}

#[test]
fn networks_that_differ_in_more_than_their_width_are_refused() {
    network! { struct Other: [2, 6, 6] -> [3] { conv: Conv2d(5, 3), Flatten, fc1: Linear(3) } }
    network! {
        struct OtherKernel: [2, 6, 6] -> [3] {
            conv: Conv2d(5, 5), bn: BatchNorm2d, depthwise: Conv2d(5, 1, groups = 5), Flatten, fc1: Linear(6), fc2: Linear(3),
        }
    }
    network! {
        struct Wider: [2, 6, 6] -> [3] {
            conv: Conv2d(9, 3), bn: BatchNorm2d, depthwise: Conv2d(9, 3, groups = 9), Flatten, fc1: Linear(6), fc2: Linear(3),
        }
    }
    network! { struct Gates: [..4, 3] -> [..4, 8] { lstm: Lstm(8) } }
    network! { struct FewerGates: [..4, 3] -> [..4, 6] { lstm: Lstm(6) } }
    network! { struct Transposed: [4, 3, 3] -> [4, 5, 5] { up: ConvTranspose2d(4, 3, bias = false) } }
    fn said<W: Network, N: Network>() -> String {
        narrow(&*W::boxed_zero(), &mut *N::boxed_zero()).unwrap_err().to_string()
    }
    assert_eq!(
        said::<Wide, Other>(),
        "the networks have different layers at `bn`: a narrow network has all layers of the wide one, by the same names and in \
         the same order"
    );
    assert_eq!(
        said::<Wide, OtherKernel>(),
        "`conv` has a kernel of another size in the narrow network: only how many channels there are may differ"
    );
    assert_eq!(
        said::<Wide, Wider>(),
        "`conv` has the size 8 in the wide network and 9 in the narrow one, which does not follow from the 0 channels that come \
         in: sizes shrink with the channels, and layers are declared one after the other"
    );
    for said in [said::<Gates, FewerGates>(), said::<Transposed, Transposed>()] {
        assert!(
            said.contains("has weights of another order than `[outputs, inputs, ..]`"),
            "{said}"
        );
    }
}
