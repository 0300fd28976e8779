//! Where every activation and every gradient lives, worked out by the compiler.
//!
//! A buffer holds one value (the output of a node, its gradient, or what a layer keeps) for a whole batch. Its size for one
//! sample and its life, in steps of the pass, are known; two buffers that live at the same time never overlap. With `n` samples every
//! offset and size is `n` times that of one, so that one plan serves every batch.

mod ends;
mod place;
#[cfg(all(test, feature = "std"))]
pub(crate) mod random;
mod slots;
mod step;
#[cfg(all(test, feature = "std"))]
mod tests;

use ends::Taken;
use place::{Buffer, DY, KEPT, KINDS, NONE, SCRATCH, SCRATCH_BACKWARD, TWINS, Y, place};

pub use slots::{Brings, Place, Plan, Slots};
pub use step::{Step, streams};

use crate::infer::{Endings, MAX_INPUTS};
use crate::kernel::Order;
use crate::length::Length;
use crate::shape::Shape;

/// Offsets are multiples of this many numbers: a cache line where there are vectors, nothing on a microcontroller.
pub const ALIGN: usize =
    if cfg!(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "wasm32")) {
        16
    } else {
        1
    };

/// The least memory in which `steps` can run once, forward.
///
/// `inputs` are the shapes of the network's inputs, `outputs` the values that the caller reads at the end.
pub const fn inference<const N: usize>(
    inputs: &[Shape],
    steps: &[Step; N],
    outputs: &[usize],
) -> Plan<[Slots; N]> {
    plan(inputs, steps, outputs, false, ALIGN)
}

/// As [`inference`], with offsets that are multiples of `align`.
pub(crate) const fn inference_aligned<const N: usize>(
    inputs: &[Shape],
    steps: &[Step; N],
    outputs: &[usize],
    align: usize,
) -> Plan<[Slots; N]> {
    plan(inputs, steps, outputs, false, align)
}

/// The memory in which `steps` run forward, and then backward.
pub const fn training<const N: usize>(
    inputs: &[Shape],
    steps: &[Step; N],
    outputs: &[usize],
) -> Plan<[Slots; N]> {
    plan(inputs, steps, outputs, true, ALIGN)
}

/// In place of the length of a value that is not there.
const NO_LENGTH: Length = Length::fixed(0);

/// Time runs from 0: node `k` goes forward at `k`, the loss is taken at `N`, node `k` goes backward at `2N − k`.
const fn plan<const N: usize>(
    shapes: &[Shape],
    steps: &[Step; N],
    outputs: &[usize],
    training: bool,
    align: usize,
) -> Plan<[Slots; N]> {
    let inputs = shapes.len();
    let mut slots = [EMPTY; N];
    // The input of the network that node k is by another name, or NO_INPUT.
    let mut input_of = [NO_INPUT; N];
    let mut buffers = [[NONE; N]; KINDS];
    // The node whose buffer holds the value, and the gradient, of node k.
    let (mut y_of, mut dy_of) = ([0; N], [0; N]);
    let (mut uses, mut is_output) = ([0; N], [false; N]);
    let mut trains = [false; N];

    // Lives.
    let mut k = 0;
    while k < N {
        (y_of[k], dy_of[k]) = (k, k);
        slots[k].number = k;
        trains[k] = steps[k].parameters;
        let step = &steps[k];
        buffers[Y][k] = Buffer { len: step.len, from: k, to: k, offset: 0 };
        buffers[SCRATCH][k] =
            Buffer { len: step.scratch[training as usize], from: k, to: k, offset: 0 };
        if training {
            let (len, time) = (step.scratch[2], 2 * N - k);
            buffers[SCRATCH_BACKWARD][k] = Buffer { len, from: time, to: time, offset: 0 };
            buffers[DY][k] = Buffer { len: step.len, from: 2 * N - k, to: 2 * N - k, offset: 0 };
            buffers[KEPT][k] = Buffer { len: step.kept, from: k, to: 2 * N - k, offset: 0 };
            if step.needs_y {
                buffers[Y][k].to = 2 * N - k;
            }
        }
        let mut i = 0;
        while i < step.count {
            if step.inputs[i] >= inputs {
                let p = step.inputs[i] - inputs;
                uses[p] += 1;
                trains[k] |= trains[p];
                let last = if training && step.needs_x { 2 * N - k } else { k };
                buffers[Y][p].to = max(buffers[Y][p].to, last);
                if training {
                    buffers[DY][p].from = min(buffers[DY][p].from, 2 * N - k);
                }
            }
            i += 1;
        }
        k += 1;
    }
    let mut o = 0;
    while o < outputs.len() {
        if outputs[o] >= inputs {
            let p = outputs[o] - inputs;
            is_output[p] = true;
            buffers[Y][p].to = max(buffers[Y][p].to, N);
            if training {
                buffers[DY][p].from = N;
            }
        }
        o += 1;
    }

    // One buffer for two values, where that is sound.
    let mut k = 0;
    while k < N {
        let step = &steps[k];
        let view = step.view || step.identity_in_use && !training;
        let view = view && step.count == 1 && step.len == step.lens[0];
        let input = origin(step.inputs[0], inputs, &input_of);
        if view && input < inputs {
            // The caller looks for an output in the memory of the pass, and nobody writes to the caller's input.
            if !is_output[k] {
                (slots[k].view, slots[k].view_backward) = (true, training);
                input_of[k] = input;
                (buffers[Y][k], buffers[DY][k]) = (NONE, NONE);
            }
        } else if view || step.in_place {
            // Of a sum the first term or the second: the bits are the same. The later one, for it may be worked out with the sum in one go, and the place
            // of the other is free for what comes next.
            let (terms, mut n) = (min(step.count, 2), 0);
            let later = if terms == 2 && step.inputs[1] > step.inputs[0] { 1 } else { 0 };
            while n < terms && y_of[k] == k {
                let i = n ^ later;
                let input = origin(step.inputs[i], inputs, &input_of);
                if input >= inputs && step.lens[i] == step.len {
                    let root = y_of[input - inputs];
                    let last = buffers[Y][root].to == k
                        && readers_of(root, step, inputs, &input_of, &y_of) == 1;
                    if view || last {
                        (slots[k].view, slots[k].in_place) = (view, !view);
                        y_of[k] = root;
                        buffers[Y][root].to = max(buffers[Y][root].to, buffers[Y][k].to);
                        buffers[Y][k] = NONE;
                    }
                }
                n += 1;
            }
        }
        k += 1;
    }
    let taken =
        Taken::by_those_before(steps, inputs, &mut slots, [&uses, &y_of], &is_output, training);
    let mut k = 0;
    while k < N {
        if let Some(p) = taken.written_by(k) {
            buffers[Y][y_of[k]].from = min(buffers[Y][y_of[k]].from, p);
        }
        k += 1;
    }
    let mut k = N;
    while training && k > 0 {
        k -= 1;
        let step = &steps[k];
        let input = origin(step.inputs[0], inputs, &input_of);
        if step.count == 1 && input >= inputs && (step.view || step.in_place) {
            let (p, root) = (input - inputs, dy_of[k]);
            if uses[p] == 1 && !is_output[p] && step.len == steps[p].len {
                slots[k].view_backward = step.view;
                slots[k].in_place_backward = !step.view;
                dy_of[p] = root;
                buffers[DY][root].to = max(buffers[DY][root].to, buffers[DY][p].to);
                buffers[DY][p] = NONE;
            }
        }
    }

    // The slope of a `ReLU` is multiplied with by the layer behind, as it writes the gradient.
    let mut k = 0;
    while training && k < N {
        let input = origin(steps[k].inputs[0], inputs, &input_of);
        if steps[k].rectifies && steps[k].count == 1 && input >= inputs {
            let p = input - inputs;
            let only = uses[p] == 1 && !is_output[p];
            if only && steps[p].is_relu() && slots[p].in_place_backward {
                (slots[k].rectifies, slots[p].rectified) = (true, true);
            }
        }
        k += 1;
    }

    // A layer that is given one value twice writes the second gradient aside.
    let mut k = 0;
    while k < N {
        let mut i = 0;
        while i < steps[k].count {
            slots[k].twin[i] = i;
            let mut j = 0;
            let input = origin(steps[k].inputs[i], inputs, &input_of);
            while j < i {
                if origin(steps[k].inputs[j], inputs, &input_of) == input {
                    slots[k].twin[i] = j;
                    if training {
                        let len = buffers[TWINS][k].len + round(steps[k].lens[i], align);
                        buffers[TWINS][k] =
                            Buffer { len, from: 2 * N - k, to: 2 * N - k, offset: 0 };
                    }
                    break;
                }
                j += 1;
            }
            i += 1;
        }
        k += 1;
    }

    let (buffers, per_sample) = place(buffers, align);

    // What every node is told.
    let (mut k, mut per_batch, mut state) = (0, 0, 0);
    let mut written = [false; N];
    while k < N {
        let (step, slot) = (&steps[k], &mut slots[k]);
        slot.y = match input_of[k] {
            NO_INPUT => at(buffers[Y][y_of[k]], step.len),
            input => Place::Input(input),
        };
        (slot.needs_x, slot.needs_y) = (step.needs_x, step.needs_y);
        (slot.lengths, slot.length) = (step.lengths, step.length);
        slot.trained = step.parameters;
        if let Some(of) = taken.ended(k) {
            slot.ended = at(buffers[Y][y_of[of]], steps[of].len);
        }
        slot.scratch = at(buffers[SCRATCH][k], step.scratch[training as usize]);
        slot.state = (state, step.state);
        state += step.state;
        if training {
            slot.scratch_backward = at(buffers[SCRATCH_BACKWARD][k], step.scratch[2]);
            slot.dy = at(buffers[DY][dy_of[k]], step.len);
            slot.kept = at(buffers[KEPT][k], step.kept);
            slot.kept_batch = (per_batch, step.kept_batch);
            per_batch += round(step.kept_batch, align);
        }
        let (mut i, mut aside) = (0, buffers[TWINS][k].offset);
        while i < step.count {
            let input = origin(step.inputs[i], inputs, &input_of);
            if input < inputs {
                slot.x[i] = Place::Input(input);
                slot.dx[i] = Place::Input(input);
            } else {
                let p = input - inputs;
                slot.x[i] = at(buffers[Y][y_of[p]], step.lens[i]);
                slot.dx[i] = at(buffers[DY][dy_of[p]], step.lens[i]);
                slot.trains[i] = trains[p];
            }
            if training && slot.twin[i] != i {
                slot.dx[i] = Place::At { offset: aside, len: step.lens[i] };
                aside += round(step.lens[i], align);
            }
            i += 1;
        }
        k += 1;
    }
    let mut p = 0;
    while p < N {
        slots[p].added = taken.added(p, steps, inputs, &slots);
        p += 1;
    }
    // Backward runs from the last node to the first: who comes first there clears the gradient.
    while training && k > 0 {
        k -= 1;
        slots[k].idle = !written[k] && !is_output[k];
        let mut i = 0;
        while i < steps[k].count && !slots[k].idle {
            let input = origin(steps[k].inputs[i], inputs, &input_of);
            if slots[k].twin[i] != i {
                slots[k].first[i] = true;
            } else if input >= inputs {
                let p = input - inputs;
                slots[k].first[i] = !written[p] && !is_output[p];
                written[p] = true;
            }
            i += 1;
        }
    }
    let (packed, sequences, brings) = sequences(shapes, steps);
    let order = match sequences {
        0 => Order::Free,
        _ if streams(steps) => Order::OneRow,
        _ => Order::ManyRows,
    };
    Plan { per_sample, per_batch, packed, sequences, order, brings, state, nodes: slots }
}

/// Of the inputs that are sequences: how many numbers there are at most, how many inputs up to the last, and the least and the most steps of each.
const fn sequences<const N: usize>(
    shapes: &[Shape],
    steps: &[Step; N],
) -> (usize, usize, [Brings; MAX_INPUTS]) {
    let nothing = Brings { least: 0, most: 0, as_input: 0 };
    let (mut packed, mut count, mut brings) = (0, 0, [nothing; MAX_INPUTS]);
    let mut i = 0;
    while i < shapes.len() {
        if let Some(bound) = shapes[i].bound() {
            packed += shapes[i].len();
            count = i + 1;
            let as_input = match bound.length.input() {
                Some(input) => input,
                None => i,
            };
            brings[i] = Brings { least: 1, most: bound.length.most(), as_input };
        }
        i += 1;
    }
    let mut k = 0;
    while k < N {
        if let Some((input, least)) = steps[k].length.least() {
            brings[input].least = max(brings[input].least, least);
        }
        k += 1;
    }
    (packed, count, brings)
}

/// In place of an input of the network.
const NO_INPUT: usize = usize::MAX;

/// The value that `value` is by another name: an input of the network, or `value` itself.
const fn origin<const N: usize>(value: usize, inputs: usize, input_of: &[usize; N]) -> usize {
    if value < inputs || input_of[value - inputs] == NO_INPUT {
        value
    } else {
        input_of[value - inputs]
    }
}

/// How many inputs of `step` are in the buffer of node `root`.
const fn readers_of<const N: usize>(
    root: usize,
    step: &Step,
    inputs: usize,
    input_of: &[usize; N],
    y_of: &[usize; N],
) -> usize {
    let (mut count, mut i) = (0, 0);
    while i < step.count {
        let input = origin(step.inputs[i], inputs, input_of);
        if input >= inputs && y_of[input - inputs] == root {
            count += 1;
        }
        i += 1;
    }
    count
}

const EMPTY: Slots = Slots {
    number: 0,
    x: [Place::Absent; MAX_INPUTS],
    y: Place::Absent,
    dy: Place::Absent,
    dx: [Place::Absent; MAX_INPUTS],
    twin: [0, 1, 2, 3, 4, 5, 6, 7],
    trains: [false; MAX_INPUTS],
    first: [false; MAX_INPUTS],
    trained: false,
    idle: false,
    lengths: [NO_LENGTH; MAX_INPUTS],
    length: NO_LENGTH,
    scratch: Place::Absent,
    scratch_backward: Place::Absent,
    state: (0, 0),
    kept: Place::Absent,
    kept_batch: (0, 0),
    needs_x: false,
    needs_y: false,
    in_place: false,
    in_place_backward: false,
    view: false,
    view_backward: false,
    rectified: false,
    rectifies: false,
    done_by: None,
    ending: Endings::NONE,
    ended: Place::Absent,
    added: Place::Absent,
};

const fn at(buffer: Buffer, len: usize) -> Place {
    if buffer.len == 0 { Place::Absent } else { Place::At { offset: buffer.offset, len } }
}

const fn round(len: usize, align: usize) -> usize {
    len.div_ceil(align) * align
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}
