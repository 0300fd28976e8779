//! Passes through random networks whose layers know what they ought to find, in memory that is poisoned at first.

use core::cell::RefCell;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::{Backward, Batch, Gradients, Inference, Training, carve, range};
use crate::infer::Node;
use crate::kernel::Order;
use crate::layer::{self, FromBytes, Layer, Tensor};
use crate::length::Counts;
use crate::pack::PackRef;
use crate::plan::random::{Graph, Work, graphs};
use crate::plan::{self, Plan, Slots};
use crate::shape::Shape;

std::thread_local! {
    static WORLD: RefCell<World> = RefCell::default();
}

/// What all values of a pass are: whole numbers, each of them another one, so that sums of gradients are exact.
#[derive(Default)]
struct World {
    n: usize,
    training: bool,
    /// Whether the gradients of the inputs are asked for.
    all: bool,
    nodes: Vec<plan::random::Node>,
    inputs: usize,
    /// The length of each value for a batch, and what it is.
    values: Vec<Vec<f32>>,
    /// The gradient of each value, as far as it has been written.
    gradients: Vec<Option<Vec<f32>>>,
    /// The value whose gradient is that of the value: a view of an input has none of its own.
    gradient_of: Vec<usize>,
    /// Whether a layer before the value has parameters.
    trains: Vec<bool>,
    visits: Vec<usize>,
}

/// What something is called in [`World::tags`].
#[derive(Clone, Copy)]
enum Tag {
    Y = 0,
    Loss = 1,
    Kept = 2,
    KeptBatch = 3,
    /// What the node adds to the gradient of its first input; those of the others follow.
    Dx = 4,
}

/// Numbers that nothing else has: `tag` of value `v`.
fn tags(tag: Tag, v: usize, i: usize, len: usize) -> Vec<f32> {
    const LONGEST: usize = 128;
    assert!(len <= LONGEST);
    let first = ((v * 8) + tag as usize + i) * LONGEST;
    (1..=len).map(|at| (first + at) as f32).collect()
}

impl World {
    fn of<const N: usize>(graph: &Graph<N>, n: usize, training: bool, all: bool) -> Self {
        let inputs = graph.inputs.len();
        let mut values: Vec<_> =
            graph.inputs.iter().enumerate().map(|(v, len)| tags(Tag::Y, v, 0, n * len)).collect();
        let mut gradient_of: Vec<_> = (0..inputs).collect();
        let mut trains = vec![false; inputs];
        for (k, node) in graph.nodes.iter().enumerate() {
            let (v, first) = (inputs + k, node.inputs[0]);
            let view = node.work == Work::Views || !training && node.work == Work::ViewsInUse;
            let value = if view { values[first].clone() } else { tags(Tag::Y, v, 0, n * node.len) };
            values.push(value);
            let of_input = view && gradient_of[first] < inputs && !graph.is_output(v);
            gradient_of.push(if of_input { gradient_of[first] } else { v });
            trains.push(node.parameters || node.inputs.iter().any(|&v| trains[v]));
        }
        World {
            n,
            training,
            all,
            nodes: graph.nodes.to_vec(),
            inputs,
            gradients: vec![None; values.len()],
            values,
            gradient_of,
            trains,
            visits: vec![0; N],
        }
    }

    fn gradient(&self, v: usize) -> Vec<f32> {
        let v = self.gradient_of[v];
        self.gradients[v].clone().unwrap_or_else(|| vec![0.0; self.values[v].len()])
    }

    fn add(&mut self, v: usize, term: &[f32]) {
        let mut sum = self.gradient(v);
        sum.iter_mut().zip(term).for_each(|(sum, term)| *sum += term);
        self.gradients[self.gradient_of[v]] = Some(sum);
    }

    /// After backward of node `k`: a view that is not called has the gradient of its input already.
    fn pass_view(&mut self, k: usize, view_backward: bool) {
        let (v, input) = (self.inputs + k, self.nodes[k].inputs[0]);
        if view_backward
            && self.gradient_of[v] == v
            && self.is_asked(input)
            && let Some(dy) = self.gradients[v].clone()
        {
            assert!(self.gradients[self.gradient_of[input]].is_none(), "a gradient is lost");
            self.add(input, &dy);
        }
    }

    fn is_asked(&self, v: usize) -> bool {
        self.all || self.trains[v]
    }

    fn forward(&self, k: usize, call: layer::Forward<'_>) {
        let (node, v) = (&self.nodes[k], self.inputs + k);
        assert_eq!(call.n, self.n);
        // The first or the second input, which is in `y`.
        let overwritten = call.x.iter().position(|x| x.is_empty()).filter(|_| call.in_place);
        assert!(!call.in_place || overwritten.is_some_and(|i| i < node.inputs.len().min(2)));
        for (i, &x) in call.x.iter().enumerate() {
            match node.inputs.get(i) {
                Some(&v) if overwritten == Some(i) => {
                    assert_eq!(*call.y, self.values[v], "what node {k} overwrites");
                }
                Some(&v) => assert_eq!(x, self.values[v], "input {i} of node {k}"),
                None => assert!(x.is_empty()),
            }
        }
        assert_eq!(call.scratch.len(), self.n * node.scratch);
        call.scratch.fill(f32::NAN);
        call.y.copy_from_slice(&self.values[v]);
        let (kept, kept_batch) = match self.training {
            true => (self.n * node.kept, node.kept_batch),
            false => (0, 0),
        };
        call.kept.copy_from_slice(&tags(Tag::Kept, v, 0, kept));
        call.kept_batch.copy_from_slice(&tags(Tag::KeptBatch, v, 0, kept_batch));
    }

    fn backward(&mut self, k: usize, call: layer::Backward<'_>) {
        let (node, v) = (self.nodes[k].clone(), self.inputs + k);
        self.visits[k] += 1;
        assert_eq!(call.n, self.n);
        let dy = self.gradients[v].clone().expect("nobody has written this gradient");
        if !call.in_place {
            assert_eq!(call.dy, dy, "the gradient of node {k}");
        }
        assert_eq!(
            call.y,
            if node.needs_y { &self.values[v] } else { &[][..] },
            "the output of node {k}"
        );
        assert_eq!(call.kept, tags(Tag::Kept, v, 0, self.n * node.kept), "what node {k} keeps");
        assert_eq!(
            call.kept_batch,
            tags(Tag::KeptBatch, v, 0, node.kept_batch),
            "what node {k} keeps"
        );
        assert_eq!(call.scratch.len(), self.n * node.scratch);
        call.scratch.fill(f32::NAN);
        let mut seen = vec![];
        for (i, (x, dx)) in call.x.into_iter().zip(call.dx).enumerate() {
            let Some(&from) = node.inputs.get(i) else {
                assert!(x.is_empty() && dx.is_none());
                continue;
            };
            assert_eq!(
                x,
                if node.needs_x { &self.values[from] } else { &[][..] },
                "input {i} of node {k}"
            );
            assert_eq!(dx.is_some(), self.is_asked(from), "gradient {i} of node {k}");
            let Some(dx) = dx else { continue };
            if call.writing.is_first() && i == 0 {
                assert!(self.gradients[self.gradient_of[from]].is_none(), "a gradient is lost");
                dx.fill(0.0);
            }
            let term = match node.work {
                Work::Views => dy.clone(),
                _ => tags(Tag::Dx, v, i, dx.len()),
            };
            if call.in_place {
                assert_eq!(*dx, dy, "what node {k} overwrites");
                assert!(self.gradients[self.gradient_of[from]].is_none(), "a gradient is lost");
                dx.fill(0.0);
            } else if seen.contains(&self.gradient_of[from]) {
                assert_eq!(*dx, vec![0.0; dx.len()], "the second gradient of one value, aside");
            } else {
                assert_eq!(*dx, self.gradient(from), "gradient {i} of node {k}");
                seen.push(self.gradient_of[from]);
            }
            dx.iter_mut().zip(&term).for_each(|(dx, term)| *dx += term);
            self.add(from, &term);
        }
    }
}

/// A layer that asks the [`World`]; `P` is 1 if it has a parameter.
#[derive(Clone, Copy, FromBytes)]
#[repr(C)]
struct Probe<const P: usize>([f32; P]);

crate::keyword!(Probe<0>);

impl<const P: usize> Layer for Probe<P> {
    /// Which node it is.
    type Args = usize;
    const TENSORS: &'static [Tensor] =
        if P > 0 { &[Tensor::parameter("weight", &[P])] } else { &[] };
    const WRITES_DX: bool = P > 0;

    fn forward(&self, node: &Node<usize>, call: layer::Forward<'_>) {
        WORLD.with_borrow(|world| world.forward(node.args, call));
    }

    fn backward(&self, node: &Node<usize>, call: layer::Backward<'_>, _: &mut Self) {
        WORLD.with_borrow_mut(|world| world.backward(node.args, call));
    }
}

fn node<const N: usize>(graph: &Graph<N>, k: usize) -> Node<usize> {
    let of = &graph.nodes[k];
    let shape = |len: usize| Shape::of(&[len]);
    Node { args: k, input: shape(graph.len(of.inputs[0])), output: shape(of.len) }
}

/// The inputs of a pass, in memory of their own.
fn inputs<const N: usize>(graph: &Graph<N>, n: usize) -> Vec<Vec<f32>> {
    graph.inputs.iter().enumerate().map(|(v, len)| tags(Tag::Y, v, 0, n * len)).collect()
}

fn slices(inputs: &[Vec<f32>], n: usize) -> Batch<'_> {
    let slices = core::array::from_fn(|i| inputs.get(i).map_or(&[][..], |input| input));
    Batch { n, slices, counts: Counts::new(&[], n), order: Order::Free }
}

/// Every output is where the caller looks for it.
fn check_outputs<const N: usize>(graph: &Graph<N>, plan: &Plan, n: usize, memory: &[f32]) {
    for &v in &graph.outputs {
        let place = range(plan.nodes[v - graph.inputs.len()].y, n).expect("an output in memory");
        WORLD.with_borrow(|world| assert_eq!(memory[place], world.values[v], "output {v}"));
    }
}

fn leak<const N: usize>(plan: Plan<[Slots; N]>) -> &'static Plan {
    Box::leak(Box::new(plan))
}

fn infer<const N: usize>(graph: &Graph<N>, n: usize) {
    let plan = leak(plan::inference(&graph.shapes(), &graph.steps(), &graph.outputs));
    let (inputs, mut memory) = (inputs(graph, n), vec![f32::NAN; plan.len(n)]);
    WORLD.set(World::of(graph, n, false, false));
    let inputs = slices(&inputs, n);
    let mut pass = Inference::new(PackRef::NOTHING, inputs, &mut memory, &mut []);
    for k in 0..N {
        let slots = &plan.nodes[k];
        match graph.nodes[k].parameters {
            true => pass.call(slots, &node(graph, k), &Probe::<1>::ZERO),
            false => pass.call_unnamed::<Probe<0>>(slots, &node(graph, k)),
        }
    }
    check_outputs(graph, plan, n, &memory);
}

fn train<const N: usize>(graph: &Graph<N>, n: usize, all: bool) {
    let first = graph.inputs.len();
    let plan = leak(plan::training(&graph.shapes(), &graph.steps(), &graph.outputs));
    let (inputs, mut memory) = (inputs(graph, n), vec![f32::NAN; plan.len(n)]);
    WORLD.set(World::of(graph, n, true, all));
    let batch = slices(&inputs, n);
    let mut kept = vec![f32::NAN; plan.per_batch];
    let mut pass = Training::new(plan, batch, &mut memory, &mut kept, 0);
    for k in 0..N {
        match graph.nodes[k].parameters {
            true => pass.call(k, &node(graph, k), &mut Probe::<1>::ZERO.clone()),
            false => pass.call_unnamed::<Probe<0>>(k, &node(graph, k)),
        }
    }
    check_outputs(graph, plan, n, &memory);
    for &v in &graph.outputs {
        let loss = tags(Tag::Loss, v, 0, n * graph.len(v));
        let ([Some(dy)], _) = carve(&mut memory, [range(plan.nodes[v - first].dy, n)]) else {
            panic!("output {v} has no gradient")
        };
        dy.copy_from_slice(&loss);
        WORLD.with_borrow_mut(|world| world.add(v, &loss));
    }

    let mut dx: Vec<_> = graph.inputs.iter().map(|len| vec![0.0; n * len]).collect();
    let mut gradients = dx.iter_mut();
    let input_gradients =
        core::array::from_fn(|_| gradients.next().filter(|_| all).map(|dx| &mut dx[..]));
    let mut pass =
        Backward::new(plan, batch, &mut memory, &mut kept, input_gradients, Gradients::Added);
    for k in (0..N).rev() {
        match graph.nodes[k].parameters {
            true => pass.call(k, &node(graph, k), &Probe::<1>::ZERO, &mut Probe::<1>::ZERO.clone()),
            false => pass.call_unnamed::<Probe<0>>(k, &node(graph, k)),
        }
        WORLD.with_borrow_mut(|world| world.pass_view(k, plan.nodes[k].view_backward));
    }

    let reached = graph.reached();
    WORLD.with_borrow(|world| {
        for (k, node) in graph.nodes.iter().enumerate() {
            let asked = node.parameters || node.inputs.iter().any(|&v| world.is_asked(v));
            let visited = reached[first + k] && asked && !plan.nodes[k].view_backward;
            assert_eq!(world.visits[k], usize::from(visited), "visits of node {k}");
        }
        for (v, dx) in dx.iter().enumerate().filter(|_| all) {
            assert_eq!(*dx, world.gradient(v), "the gradient of input {v}");
        }
    });
}

fn check<const N: usize>(graph: &Graph<N>, n: usize) {
    infer(graph, n);
    train(graph, n, false);
    train(graph, n, true);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_layer_finds_what_it_ought_to_1(graph in graphs::<1>(), n in 1..4usize) { check(&graph, n) }
    #[test]
    fn every_layer_finds_what_it_ought_to_3(graph in graphs::<3>(), n in 1..4usize) { check(&graph, n) }
    #[test]
    fn every_layer_finds_what_it_ought_to_6(graph in graphs::<6>(), n in 1..4usize) { check(&graph, n) }
    #[test]
    fn every_layer_finds_what_it_ought_to_12(graph in graphs::<12>(), n in 1..4usize) { check(&graph, n) }
}
