//! What is compressed is trained on, and stays compressed.

use firmnet::compress::{Clusters, Mask};
use firmnet::prelude::*;

use super::{Ring, net, points, trainer};

fn weights(name: &str) -> bool {
    name.starts_with("fc") && name.ends_with("weight")
}

#[test]
fn pruned_connections_stay_away_and_the_rest_learns() {
    let (mut net, samples) = (net::<Ring>(1), points(1500, 2));
    trainer().fit(&mut *net, &samples, ()).unwrap();
    let mask = Mask::by_magnitude(&*net, 0.5, weights);
    let zeros = |net: &Ring| {
        let weights = net.fc1.weight.as_flattened().iter().chain(net.fc2.weight.as_flattened());
        weights.filter(|&&x| x == 0.0).count()
    };
    assert_eq!(zeros(&net), 0);
    mask.apply(&mut *net);
    assert_eq!((zeros(&net), mask.count()), (32, Ring::PARAMETERS - 32));
    let cut = trainer().evaluate(&net, &samples).loss;

    trainer().after_step(move |net| mask.apply(net)).fit(&mut *net, &samples, ()).unwrap();
    assert_eq!(zeros(&net), 32);
    let trained = trainer().evaluate(&net, &samples).loss;
    assert!(trained < 0.9 * cut, "{cut} became {trained}");
}

#[test]
fn clusters_share_their_value_and_pruned_connections_stay_away() {
    let (mut net, samples) = (net::<Ring>(1), points(1500, 2));
    trainer().fit(&mut *net, &samples, ()).unwrap();
    Mask::by_magnitude(&*net, 0.25, weights).apply(&mut *net);
    let before = net.fc1.weight;
    let clusters = Clusters::of(&mut *net, 4, weights);
    let distinct = |x: &[f32]| {
        let mut bits: Vec<_> = x.iter().map(|x| x.to_bits()).collect();
        bits.sort_unstable();
        bits.dedup();
        bits.len()
    };
    let codes = clusters.clone();
    let check = |net: &Ring, what: &str| {
        for (i, tensor) in Ring::TENSORS.iter().enumerate() {
            let (name, x) = (tensor.name.as_str(), net.tensor(i));
            let (codes, values) = (codes.codes(i), codes.codebook(net, i));
            assert_eq!(!codes.is_empty(), weights(name));
            if weights(name) {
                assert!(distinct(x) <= 5, "{name} {what}");
                assert!(codes.iter().zip(x).all(|(&code, &x)| values[usize::from(code)] == x));
            }
        }
        let old = before.as_flattened().iter().zip(net.fc1.weight.as_flattened());
        assert!(old.filter(|(old, _)| **old == 0.0).all(|(_, &new)| new == 0.0), "{what}");
    };
    check(&net, "at first");
    let shared = trainer().evaluate(&net, &samples).loss;
    let first = net.fc1.weight;
    trainer().after_step(move |net| clusters.share(net)).fit(&mut *net, &samples, ()).unwrap();
    check(&net, "after training");
    assert_ne!(net.fc1.weight, first, "the values are trained");
    let trained = trainer().evaluate(&net, &samples).loss;
    assert!(trained < shared, "{shared} became {trained}");
}
