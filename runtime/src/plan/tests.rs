//! The plan against lives that are found by walking through a pass, read by read and write by write.

use std::collections::HashMap;
use std::vec::Vec;

use proptest::prelude::*;

use super::random::{Graph, Work, graphs};
use super::{ALIGN, Place, Plan, Slots, inference, round, training};
use crate::infer::{Inferred, Inputs};
use crate::shape::Shape;

/// What is written once and read until nobody needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Value {
    Y(usize),
    Dy(usize),
    Kept(usize),
    Scratch(usize),
    ScratchBackward(usize),
    /// The gradient of the input of node `.0` at `.1`, which is the same value as an input before.
    Twin(usize, usize),
}

#[derive(Debug)]
struct Life {
    place: Place,
    from: usize,
    to: usize,
}

/// A walk through a pass. Each step has two times: what is read and written at once lives through both, and what is
/// overwritten ends with the first, where its successor begins with the second.
struct Walk<'a, const N: usize> {
    graph: &'a Graph<N>,
    nodes: &'a [Slots; N],
    lives: HashMap<Value, Life>,
    /// Values by another name.
    names: HashMap<Value, Value>,
}

impl<const N: usize> Walk<'_, N> {
    fn value(&self, value: Value) -> Value {
        self.names.get(&value).map_or(value, |&value| self.value(value))
    }

    fn write(&mut self, value: Value, place: Place, time: usize) {
        let value = self.value(value);
        let life = self.lives.entry(value).or_insert(Life { place, from: time, to: time });
        assert_eq!(life.place, place, "{value:?} is written to another place");
        life.to = time;
    }

    fn read(&mut self, value: Value, place: Place, time: usize) {
        let value = self.value(value);
        let life = self.lives.get_mut(&value);
        let life = life.unwrap_or_else(|| panic!("{value:?} is read, but has not been written"));
        assert_eq!(life.place, place, "{value:?} is read elsewhere");
        life.to = time;
    }

    /// The inputs hold something from the beginning, and nothing of them is in the memory of the pass.
    fn begin(&mut self) {
        for i in 0..self.graph.inputs.len() {
            let life = || Life { place: Place::Input(i), from: 0, to: 0 };
            self.lives.insert(Value::Y(i), life());
            self.lives.insert(Value::Dy(i), life());
        }
    }

    fn forward(&mut self, training: bool) {
        for k in 0..N {
            let (node, slots, y) =
                (&self.graph.nodes[k], &self.nodes[k], self.graph.inputs.len() + k);
            let may_view = node.work == Work::Views || !training && node.work == Work::ViewsInUse;
            assert!(!slots.view || may_view);
            assert!(!slots.in_place || matches!(node.work, Work::MayOverwrite | Work::ViewsInUse));
            let until = |place| 2 * k + usize::from(!slots.in_place || place != slots.y);
            for (&v, &place) in node.inputs.iter().zip(&slots.x) {
                self.read(Value::Y(v), place, until(place));
            }
            let terms = node.inputs.iter().zip(&slots.x).filter(|(_, place)| **place == slots.y);
            assert!(!slots.in_place || terms.count() == 1, "it is one input that is overwritten");
            if slots.view {
                self.names.insert(Value::Y(y), Value::Y(node.inputs[0]));
                self.read(Value::Y(y), slots.y, 2 * k + 1);
            } else {
                self.write(Value::Y(y), slots.y, if slots.in_place { 2 * k + 1 } else { 2 * k });
                self.read(Value::Y(y), slots.y, 2 * k + 1);
            }
            if training && node.kept > 0 {
                self.write(Value::Kept(k), slots.kept, 2 * k);
            }
            if node.scratch > 0 && !slots.view {
                self.write(Value::Scratch(k), slots.scratch, 2 * k);
                self.read(Value::Scratch(k), slots.scratch, 2 * k + 1);
            }
        }
        for &v in &self.graph.outputs {
            let slots = &self.nodes[v - self.graph.inputs.len()];
            assert!(
                matches!(slots.y, Place::At { .. }),
                "the caller looks for outputs in the memory"
            );
            self.read(Value::Y(v), slots.y, 2 * N + 1);
            if training {
                self.write(Value::Dy(v), slots.dy, 2 * N);
                self.read(Value::Dy(v), slots.dy, 2 * N + 1);
            }
        }
    }

    /// As if every gradient were asked for.
    fn backward(&mut self) {
        let reached = self.graph.reached();
        for k in (0..N).rev() {
            let (node, slots, y) =
                (&self.graph.nodes[k], &self.nodes[k], self.graph.inputs.len() + k);
            let time = 2 * (2 * N - k);
            if !reached[y] {
                assert!(
                    slots.idle || slots.view_backward,
                    "nothing has written the gradient of node {k}"
                );
                continue;
            }
            assert!(!slots.idle || slots.view_backward);
            if slots.view_backward {
                assert_eq!(node.work, Work::Views);
                // Who read a view of an input has written to the gradient of that input.
                if self.origin(y) == y {
                    self.names.insert(Value::Dy(node.inputs[0]), Value::Dy(y));
                }
                continue;
            }
            self.read(
                Value::Dy(y),
                slots.dy,
                if slots.in_place_backward { time } else { time + 1 },
            );
            if node.needs_y {
                self.read(Value::Y(y), slots.y, time + 1);
            }
            if node.kept > 0 {
                self.read(Value::Kept(k), slots.kept, time + 1);
            }
            if node.scratch > 0 {
                self.write(Value::ScratchBackward(k), slots.scratch_backward, time);
                self.read(Value::ScratchBackward(k), slots.scratch_backward, time + 1);
            }
            for (i, &v) in node.inputs.iter().enumerate() {
                if node.needs_x {
                    self.read(Value::Y(v), slots.x[i], time + 1);
                }
                let twin =
                    node.inputs.iter().position(|&other| self.origin(other) == self.origin(v));
                assert_eq!(Some(slots.twin[i]), twin);
                if slots.twin[i] != i {
                    self.write(Value::Twin(k, i), slots.dx[i], time);
                    self.read(Value::Twin(k, i), slots.dx[i], time + 1);
                    continue;
                }
                if slots.in_place_backward {
                    assert_eq!(slots.dx[0], slots.dy);
                    assert!(!self.lives.contains_key(&Value::Dy(v)), "a gradient is lost");
                    self.write(Value::Dy(v), slots.dx[0], time + 1);
                } else {
                    self.write(Value::Dy(self.origin(v)), slots.dx[i], time);
                    self.read(Value::Dy(self.origin(v)), slots.dx[i], time + 1);
                }
            }
        }
    }

    /// The input that value `v` is by another name in training, or `v`.
    fn origin(&self, v: usize) -> usize {
        let Some(k) = v.checked_sub(self.graph.inputs.len()) else { return v };
        match self.nodes[k].y {
            Place::Input(input) => input,
            _ => v,
        }
    }

    fn check(&self, plan: &Plan<[Slots; N]>) {
        let lives: Vec<_> = (self.lives.iter())
            .filter_map(|(value, life)| match life.place {
                Place::At { offset, len } => Some((value, life, offset, len)),
                _ => None,
            })
            .collect();
        for (i, &(a, a_life, a_offset, a_len)) in lives.iter().enumerate() {
            assert!(a_offset.is_multiple_of(ALIGN) && a_offset + a_len <= plan.per_sample);
            for &(b, b_life, b_offset, b_len) in &lives[..i] {
                let at_once = a_life.from <= b_life.to && b_life.from <= a_life.to;
                let apart = a_offset + a_len <= b_offset || b_offset + b_len <= a_offset;
                assert!(!at_once || apart, "{a:?} {a_life:?} and {b:?} {b_life:?} overlap");
            }
        }
        // No plan can do with less than what lives at one time.
        let most = (0..8 * N + 2)
            .map(|time| {
                let alive =
                    lives.iter().filter(|(_, life, ..)| life.from <= time && time <= life.to);
                alive.map(|(.., len)| len).sum::<usize>()
            })
            .max();
        assert!(most <= Some(plan.per_sample));
    }
}

fn check<const N: usize>(graph: &Graph<N>) {
    let (inputs, steps) = (graph.shapes(), graph.steps());
    for in_training in [false, true] {
        let plan = match in_training {
            true => training(&inputs, &steps, &graph.outputs),
            false => inference(&inputs, &steps, &graph.outputs),
        };
        let (lives, names) = (HashMap::new(), HashMap::new());
        let mut walk = Walk { graph, nodes: &plan.nodes, lives, names };
        walk.begin();
        walk.forward(in_training);
        if in_training {
            walk.backward();
        }
        walk.check(&plan);

        // Each buffer on its own would take this much.
        let of_node = |k: usize| {
            let (node, slots) = (&graph.nodes[k], &plan.nodes[k]);
            let twins = (0..node.inputs.len()).filter(|&i| slots.twin[i] != i);
            let twins = twins.map(|i| round(graph.len(node.inputs[i]), ALIGN)).sum::<usize>();
            match in_training {
                true => {
                    2 * round(node.len, ALIGN)
                        + round(node.kept, ALIGN)
                        + 2 * round(node.scratch, ALIGN)
                        + twins
                }
                false => round(node.len, ALIGN) + round(node.scratch, ALIGN),
            }
        };
        assert!(plan.per_sample <= (0..N).map(of_node).sum::<usize>());

        let mut end = 0;
        for (node, slots) in graph.nodes.iter().zip(&plan.nodes) {
            if in_training && node.kept_batch > 0 {
                let (offset, len) = slots.kept_batch;
                assert!(offset >= end && len == node.kept_batch);
                end = offset + len;
            }
        }
        assert!(end <= plan.per_batch);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_two_live_slots_overlap_1(graph in graphs::<1>()) { check(&graph) }
    #[test]
    fn no_two_live_slots_overlap_2(graph in graphs::<2>()) { check(&graph) }
    #[test]
    fn no_two_live_slots_overlap_4(graph in graphs::<4>()) { check(&graph) }
    #[test]
    fn no_two_live_slots_overlap_7(graph in graphs::<7>()) { check(&graph) }
    #[test]
    fn no_two_live_slots_overlap_12(graph in graphs::<12>()) { check(&graph) }
}

/// A chain of `of`, each of 40 numbers, that begins with a view and a layer that only reads.
fn chain(of: impl Fn(Inferred<()>) -> Inferred<()>) -> [super::Step; 5] {
    let inputs = Inputs::of("", "").with("", Shape::of(&[40]));
    let inferred = Inferred::new((), inputs, Shape::of(&[40]));
    core::array::from_fn(|k| {
        let inferred = match k {
            0 => inferred.view(),
            1 => inferred.parameters(1).needs_x(),
            _ => of(inferred),
        };
        super::Step::of(&inferred, &[k])
    })
}

const ONE: [Shape; 1] = [Shape::of(&[40])];

#[test]
fn a_chain_of_layers_that_overwrite_takes_one_buffer() {
    let steps = chain(|layer| layer.in_place().needs_y());
    assert_eq!(inference(&ONE, &steps, &[5]).per_sample, round(40, ALIGN));
    // Three outputs for backward, and one gradient.
    let plan = training(&ONE, &chain(|layer| layer.in_place()), &[5]);
    assert_eq!(plan.per_sample, 2 * round(40, ALIGN));
    assert_eq!(training(&ONE, &steps, &[5]).per_sample, 4 * round(40, ALIGN));
}

#[test]
fn a_chain_of_layers_that_only_read_takes_two_buffers() {
    assert_eq!(inference(&ONE, &chain(|layer| layer), &[5]).per_sample, 2 * round(40, ALIGN));
}

/// A value that is read once more, and by a sum behind that: a residual.
#[test]
fn a_sum_takes_the_place_of_a_term() {
    let one = Inferred::new((), Inputs::of("", "").with("", ONE[0]), ONE[0]);
    let two = Inferred::new((), Inputs::of("", "").with("", ONE[0]).with("", ONE[0]), ONE[0]);
    let sum = |terms: &[usize]| super::Step::of(&two.in_place(), terms);
    let of = |last| [super::Step::of(&one, &[0]), super::Step::of(&one, &[1]), last];
    for terms in [[1, 2], [2, 1]] {
        let plan = inference(&ONE, &of(sum(&terms)), &[3]);
        assert!(plan.nodes[2].in_place);
        assert_eq!(plan.per_sample, 2 * round(40, ALIGN));
        // The term that came later.
        let later = terms.iter().position(|&value| value == 2);
        assert_eq!(plan.nodes[2].x.iter().position(|&x| x == plan.nodes[2].y), later);
    }
    // Of what the caller reads, and of twice the same, nothing is overwritten.
    assert!(!inference(&ONE, &of(sum(&[2, 2])), &[3]).nodes[2].in_place);
    assert!(!inference(&ONE, &of(sum(&[0, 0])), &[3]).nodes[2].in_place);
    let plan = inference(&ONE, &of(sum(&[1, 2])), &[1, 3]);
    assert_eq!(plan.nodes[2].x[1], plan.nodes[2].y);
}
