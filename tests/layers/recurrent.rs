//! Embeddings and layers along sequences: what no vector shows.

use std::panic::{AssertUnwindSafe, catch_unwind};

use firmnet::prelude::*;
use firmnet::seq::Seq;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

network! {
    struct Tagger: [..12] -> [..12, 9] {
        embedding: Embedding(20, 5, padding_idx = 0, max_norm = 1.0),
        lstm: LSTM(18, num_layers = 2, dropout = 0.5, bidirectional = true),
        gru: GRU(9),
    }
}

fn sentence(ids: &[u32]) -> Seq<u32, 12> {
    Seq::new(ids).unwrap()
}

/// Words outside the table are named, in training and in use.
#[test]
fn an_id_that_is_not_there() {
    let mut net = Tagger::boxed(&mut SmallRng::seed_from_u64(1));
    let message = |found: Result<(), Box<dyn std::any::Any + Send>>| {
        *found.unwrap_err().downcast::<String>().expect("a panic with a text")
    };
    let used = catch_unwind(AssertUnwindSafe(|| {
        net.forward(&sentence(&[3, 20]), &mut Workspace::new());
    }));
    assert_eq!(message(used), "`Embedding`: the id 20 is not among its 20, which are 0 to 19");
    let trained = catch_unwind(AssertUnwindSafe(|| {
        let mut rng = SmallRng::seed_from_u64(1);
        net.forward_training(&[sentence(&[u32::MAX])], &mut Workspace::new(), &mut rng);
    }));
    assert!(message(trained).contains("the id 4294967295 is not among its 20"));
}

/// A gradient for the rows that were brought, save that of the id that stands for nothing; and only training shortens a row.
#[test]
fn rows_that_are_brought() {
    let mut rng = SmallRng::seed_from_u64(2);
    let mut net = Tagger::boxed(&mut rng);
    assert_eq!(net.embedding.weight[0], [0.0; 5], "first values");
    net.embedding.weight[7] = [2.0; 5];
    net.embedding.weight[8] = [2.0; 5];
    let batch = [sentence(&[7, 3, 0]), sentence(&[3, 19])];
    let mut memory = Workspace::new();
    net.forward_batch(&batch, &mut memory);
    assert_eq!(net.embedding.weight[7], [2.0; 5], "in use");
    let mut pass = net.forward_training(&batch, &mut memory, &mut rng);
    pass.loss_with(|_, dy| dy.into_steps().fill([1.0; 9]));
    let mut grad = Tagger::boxed_zero();
    pass.backward(&net, &mut grad);
    let norm = net.embedding.weight[7].iter().map(|x| x * x).sum::<f32>().sqrt();
    assert!((norm - 1.0).abs() < 1e-6 && net.embedding.weight[8] == [2.0; 5]);
    for (id, row) in grad.embedding.weight.iter().enumerate() {
        assert_eq!(row.iter().any(|&g| g != 0.0), [3, 7, 19].contains(&id), "row {id}: {row:?}");
    }
}

/// Whatever else is in the batch, a sentence gets the same bits.
#[test]
fn a_sentence_among_others() {
    let mut rng = SmallRng::seed_from_u64(3);
    let net = Tagger::boxed(&mut rng);
    let sentences: Vec<_> = (0..40)
        .map(|i| {
            let ids: Vec<u32> = (0..1 + i * 7 % 12).map(|_| rng.random_range(0..20)).collect();
            sentence(&ids)
        })
        .collect();
    let mut memory = Workspace::new();
    let together: Vec<Vec<[f32; 9]>> =
        net.forward_batch(&sentences, &mut memory).iter().map(<[_]>::to_vec).collect();
    for (sentence, expected) in sentences.iter().zip(&together) {
        assert_eq!(net.forward(sentence, &mut memory), expected);
    }
}
