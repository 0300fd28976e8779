//! Both forms of a declaration say the same; a graph says more.

use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

network! {
    struct Row: [3] -> [2] {
        fc1: Linear(4), ReLU,
        fc2: Linear(2),
    }
}

network! {
    struct Graph { fc1: Linear(4), fc2: Linear(2) }
    fn forward(x: [3]) -> [2] { fc2(ReLU(fc1(x))) }
}

#[test]
fn a_row_is_a_graph() {
    let mut memory = Workspace::new();
    let row = Row::boxed(&mut StdRng::seed_from_u64(1));
    let graph = Graph::boxed(&mut StdRng::seed_from_u64(1));
    let x = [0.5, -1.0, 2.0];
    assert_eq!(*row.forward(&x, &mut memory), *graph.forward(&x, &mut Workspace::new()));
    assert_eq!(Row::MACS, Graph::MACS);
    assert_eq!(Row::TRAINING_RAM, Graph::TRAINING_RAM);
    let names = |tensors: &[firmnet::layer::Tensor<firmnet::network::Name>]| {
        tensors.iter().map(|tensor| tensor.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(Row::TENSORS), ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
    assert_eq!(names(Row::TENSORS), names(Graph::TENSORS));
}

network! {
    struct Twice { fc: Linear(2, bias = false) }
    fn forward(x: [2]) -> [2] { fc(fc(x)) }
}

/// One set of parameters, and the gradients of both calls together: with `h = W x` and `y = W h`, `dW = dy hᵀ + (Wᵀ dy) xᵀ`.
#[test]
fn a_layer_called_twice_is_one_layer() {
    let mut net = Twice::ZERO;
    net.fc.weight = [[3.0, 0.0], [0.0, 5.0]];
    let mut memory = Workspace::new();
    assert_eq!(Twice::PARAMETERS, 4);
    assert_eq!(net.forward(&[1.0, 2.0], &mut memory), &[9.0, 50.0]);

    let mut grad = Twice::ZERO;
    grad.fc.weight = [[f32::NAN; 2]; 2];
    let x = [[1.0, 2.0]];
    let mut pass = net.forward_training(&x, &mut memory, &mut StdRng::seed_from_u64(0));
    pass.loss_with(|_, dy| dy[0] = [1.0, 1.0]);
    pass.gradient(&net, &mut grad);
    assert_eq!(grad.fc.weight, [[3.0 + 3.0, 10.0 + 6.0], [3.0 + 5.0, 10.0 + 10.0]]);
}

network! {
    struct Several { a: Linear(2), b: Linear(2) }
    fn forward(x: [1], y: [2, 1]) -> ([2], [4], [1, 2]) {
        let flat = Flatten(y);
        let p: [2] = a(x);
        let q = b(flat) * p;
        (p + q, Concat(p, q), Transpose(0, 1)(y))
    }
}

#[test]
fn several_inputs_and_outputs() {
    let mut net = Several::ZERO;
    (net.a.weight, net.b.bias) = ([[1.0], [2.0]], [10.0, 20.0]);
    let mut memory = Several::workspace();
    let (sum, both, turned) = net.forward(&([3.0], [[7.0], [8.0]]), &mut memory);
    assert_eq!(sum, &[33.0, 126.0]);
    assert_eq!(both, &[3.0, 6.0, 30.0, 120.0]);
    assert_eq!(turned, &[[7.0, 8.0]]);
}

network! {
    struct Shadowed { fc: Linear(2) }
    fn forward(x: [2]) -> [2] {
        let x = fc(x);
        let _unused = ReLU(x);
        let _ = Tanh(x);
        let fc = ReLU(x);
        fc
    }
}

/// The later name counts, a layer and a value may have the same, and `_` says that nobody needs it.
#[test]
fn a_value_takes_the_name_of_another() {
    let mut net = Shadowed::ZERO;
    net.fc.bias = [1.0, -1.0];
    assert_eq!(net.forward(&[0.0, 0.0], &mut Workspace::new()), &[1.0, 0.0]);
}
