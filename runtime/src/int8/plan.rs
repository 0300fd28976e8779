//! Which layers are merged, which values share a scale, and where every byte lives; worked out by the compiler.

use crate::infer::{Inferred, InferredOf, MAX_INPUTS};
use crate::int8::Scale;
use crate::int8::layer::{Kernel, Layer, Order, Quantize, Role, ScaleOf};
use crate::length::Length;
use crate::plan::{self, Place};
use crate::shape::Shape;

/// Offsets are multiples of this many bytes: a word, or a cache line where there are vectors.
const ALIGN: usize = if plan::ALIGN > 1 { 64 } else { 4 };

/// One node of a network, as the plan sees it.
#[derive(Clone, Copy)]
pub struct Step {
    step: plan::Step,
    role: Role,
    output: Shape,
    sizes: [usize; 2],
    scratch: [usize; 2],
    state: usize,
    pad: [usize; 4],
    fault: Option<&'static str>,
}

impl Step {
    /// The node that `inferred` describes; `step` is what it is to the plan of the network in `f32`.
    pub const fn of<K: Quantize>(inferred: &InferredOf<K>, step: plan::Step) -> Self {
        Step {
            step,
            role: <K::Int8<0, 0> as Layer>::ROLE,
            output: inferred.node.output,
            sizes: inferred.int8.sizes,
            scratch: inferred.int8.scratch,
            state: inferred.int8.state,
            pad: inferred.int8.pad,
            fault: inferred.int8.fault,
        }
    }
}

/// All that is planned for a network of `N` nodes and `V` values: first its inputs, then what the nodes give.
#[derive(Clone, Copy)]
pub struct Plan<const N: usize, const V: usize> {
    /// Bytes of memory for a pass.
    pub ram: usize,
    /// Bytes that the layers carry from step to step.
    pub state: usize,
    /// What each node is told.
    pub nodes: [Slots; N],
    /// What is known of each value.
    pub values: [Value; V],
    faults: [Option<&'static str>; N],
    sizes: [[usize; 2]; N],
}

/// What a node is told.
#[derive(Clone, Copy, Debug)]
pub struct Slots {
    /// Which node it is.
    pub number: usize,
    /// Whether anything is to be done.
    pub runs: bool,
    /// Whether it is its input by another name.
    pub view: bool,
    /// The node whose kernel makes its value, where that is another one.
    pub merged_into: Option<usize>,
    /// The values that come in.
    pub inputs: [usize; MAX_INPUTS],
    /// Where they are.
    pub x: [Place; MAX_INPUTS],
    /// Where the output is.
    pub y: Place,
    /// Room for the call.
    pub scratch: Place,
    /// What the layer carries from step to step: offset and size.
    pub state: (usize, usize),
    /// How many steps the inputs have.
    pub lengths: [Length; MAX_INPUTS],
    /// How many steps the output has.
    pub length: Length,
    /// The output overwrites the input.
    pub in_place: bool,
    /// Zeros around the image: to the left, to the right, above and below.
    pub pad: [usize; 4],
    /// It has no form in bytes where it stands, and the build says so.
    pub fault: bool,
}

impl Slots {
    /// Bytes of memory that its call takes: for what it reads (but for the inputs of the network), for what it writes, and for itself.
    pub(super) const fn bytes(&self) -> [usize; 3] {
        const fn len(place: Place) -> usize {
            if let Place::At { len, .. } = place { len } else { 0 }
        }
        let (mut x, mut i) = (0, 0);
        while i < MAX_INPUTS && self.runs && !self.in_place {
            x += len(self.x[i]);
            i += 1;
        }
        if self.runs { [x, len(self.y), len(self.scratch)] } else { [0; 3] }
    }
}

/// What is known of a value.
#[derive(Clone, Copy, Debug)]
pub struct Value {
    /// The value whose scale it has.
    pub scale_of: usize,
    /// Whether that scale follows from its numbers.
    pub seen: bool,
    /// The scale, where it is always the same.
    pub fixed: Option<Scale>,
    /// Its shape; of a flattened image that of the image, whose channels come last in memory.
    pub order: Shape,
}

/// Plans a pass through `steps`. `inputs` are the shapes of the network's inputs, `outputs` the values that the caller reads at the end.
pub const fn plan<const N: usize, const V: usize>(
    inputs: &[Shape],
    steps: &[Step; N],
    outputs: &[usize],
) -> Plan<N, V> {
    let mut plan = Plan {
        ram: 0,
        state: 0,
        nodes: [SLOTS; N],
        values: [VALUE; V],
        faults: [None; N],
        sizes: [[0; 2]; N],
    };
    let mut v = 0;
    while v < inputs.len() {
        plan.values[v] = Value { scale_of: v, seen: true, fixed: None, order: inputs[v] };
        v += 1;
    }
    let readers = readers::<N, V>(steps, outputs);
    let mut bytes = [steps[0].step; N];
    let mut k = 0;
    while k < N {
        let v = inputs.len() + k;
        plan.faults[k] = steps[k].fault;
        plan.nodes[k].inputs = steps[k].step.inputs;
        (plan.nodes[k].number, plan.nodes[k].runs) = (k, true);
        plan.values[v] = Value { scale_of: v, seen: true, fixed: None, order: steps[k].output };
        bytes[k] = steps[k].step.in_bytes(steps[k].scratch[0], steps[k].state);
        plan.order(k, steps, inputs.len());
        match steps[k].role {
            Role::Kernel(kernel) => {
                plan.scale(k, steps, kernel, inputs.len());
                if kernel.pads {
                    bytes[k] = plan.pad(k, steps, bytes[k], inputs.len());
                }
            }
            Role::View | Role::Last => {
                plan.join(v, steps[k].step.inputs[0]);
                bytes[k] = bytes[k].view();
                plan.nodes[k].merged_into = plan.kernel_of(steps[k].step.inputs[0], inputs.len());
                plan.nodes[k].view = true;
                if matches!(steps[k].role, Role::Last) && !is_read(outputs, v) {
                    let says = "changes nothing in bytes, and so is the last layer or none";
                    plan.faults[k] = Some(says);
                }
            }
            Role::Pad => {
                plan.join(v, steps[k].step.inputs[0]);
                plan.nodes[k].runs = false;
                bytes[k] = bytes[k].absent();
                if !is_padding(steps, v, outputs) {
                    let says = "goes into the padding of the layers behind it, and only those like `Conv2d` have one";
                    plan.faults[k] = Some(says);
                }
            }
            Role::Clamp | Role::Affine => {
                if plan.merge(k, steps, &readers, inputs.len()) {
                    bytes[k] = bytes[k].view();
                }
            }
        }
        k += 1;
    }
    let memory = plan::inference_aligned(inputs, &bytes, outputs, ALIGN);
    (plan.ram, plan.state) = (memory.per_sample, memory.state);
    let mut k = 0;
    while k < N {
        let (slots, node) = (&memory.nodes[k], &mut plan.nodes[k]);
        (node.x, node.y, node.scratch) = (slots.x, slots.y, slots.scratch);
        (node.state, node.lengths, node.length) = (slots.state, slots.lengths, slots.length);
        node.in_place = slots.in_place;
        node.runs &= !slots.view;
        node.fault = plan.faults[k].is_some();
        plan.sizes[k] = if node.runs { steps[k].sizes } else { [0; 2] };
        k += 1;
    }
    let mut v = 0;
    while v < V {
        plan.values[v].scale_of = plan.root(v);
        v += 1;
    }
    plan
}

impl<const N: usize, const V: usize> Plan<N, V> {
    /// Finds in which order the numbers of node `k` come out.
    const fn order(&mut self, k: usize, steps: &[Step; N], inputs: usize) {
        let (step, before) = (&steps[k], &steps[k].step);
        let order = self.values[before.inputs[0]].order;
        let (mut fits, mut i) = (true, 1);
        while i < before.count {
            // What has two inputs has them in one order.
            let other = self.values[before.inputs[i]].order;
            fits &= step.output.rank() == 3 || same_order(order, other);
            i += 1;
        }
        if step.output.rank() == 3 {
            // `Reshape` of what is no image, or of another one.
            fits &= !matches!(step.role, Role::View) || same_order(order, step.output);
        } else {
            match step.role {
                Role::Kernel(Kernel { order: Order::Declared, .. }) => fits &= !is_image(order),
                Role::Kernel(Kernel { order: Order::Any, .. }) => {}
                _ => self.values[inputs + k].order = order,
            }
        }
        if !fits && self.faults[k].is_none() {
            let says = "takes numbers in the order of the declaration, and those of an image lie with the channels last; `Linear` takes both";
            self.faults[k] = Some(says);
        }
    }

    /// Merges node `k`, which changes a value, with the kernel that makes it, if that can do its work; says whether it can.
    const fn merge(
        &mut self,
        k: usize,
        steps: &[Step; N],
        readers: &[usize; V],
        inputs: usize,
    ) -> bool {
        let (v, before) = (inputs + k, steps[k].step.inputs[0]);
        let kernel = self.kernel_of(before, inputs);
        let (mut alone, mut bounded, mut seen, mut u) = (true, false, false, before);
        // From the value to the kernel: whether all of it is read only here, and the one whose numbers say the scale.
        while let Some(p) = kernel {
            alone &= readers[u] == 1;
            bounded |= u > inputs + p && matches!(steps[u - inputs].role, Role::Clamp);
            seen |= self.values[u].seen;
            if u == inputs + p {
                break;
            }
            u = steps[u - inputs].step.inputs[0];
        }
        let can = match (steps[k].role, kernel) {
            (Role::Clamp, Some(p)) => steps[p].kernel().clamps,
            (Role::Affine, Some(p)) => steps[p].kernel().folds && !bounded,
            _ => false,
        };
        if !can || !alone {
            if matches!(steps[k].role, Role::Affine) {
                let says = "goes into the weights of the layer before it: there must be one like `Conv2d` or `Linear` whose output nothing else reads";
                self.faults[k] = Some(says);
            }
            return false;
        }
        let mut u = before;
        while let Some(p) = kernel {
            self.values[u].seen = false;
            if u == inputs + p {
                break;
            }
            u = steps[u - inputs].step.inputs[0];
        }
        self.join(v, before);
        self.values[v].seen = seen;
        (self.nodes[k].merged_into, self.nodes[k].runs) = (kernel, false);
        true
    }

    /// The kernel that makes the value `v`, if no more than views and merged layers are between.
    const fn kernel_of(&self, v: usize, inputs: usize) -> Option<usize> {
        match v.checked_sub(inputs) {
            None => None,
            Some(k) if self.nodes[k].merged_into.is_some() => self.nodes[k].merged_into,
            Some(k) => Some(k),
        }
    }

    /// Finds whose scale the output of the kernel of node `k` has.
    const fn scale(&mut self, k: usize, steps: &[Step; N], kernel: Kernel, inputs: usize) {
        let (v, step) = (inputs + k, &steps[k].step);
        match kernel.scale {
            ScaleOf::Output => {}
            ScaleOf::Input => self.join(v, step.inputs[0]),
            ScaleOf::Fixed(scale) => {
                (self.values[v].fixed, self.values[v].seen) = (Some(scale), false);
            }
            ScaleOf::All => {
                let mut i = 0;
                while i < step.count {
                    self.join(v, step.inputs[i]);
                    i += 1;
                }
            }
        }
    }

    /// Value `v` has the scale of `other`.
    const fn join(&mut self, v: usize, other: usize) {
        let (a, b) = (self.root(v), self.root(other));
        match self.values[a].fixed {
            Some(_) => self.values[b].scale_of = a,
            None => self.values[a].scale_of = b,
        }
        self.values[v].seen = false;
    }

    const fn root(&self, mut v: usize) -> usize {
        while self.values[v].scale_of != v {
            v = self.values[v].scale_of;
        }
        v
    }

    /// Takes the zeros before the kernel of node `k` into its padding.
    const fn pad(
        &mut self,
        k: usize,
        steps: &[Step; N],
        bytes: plan::Step,
        inputs: usize,
    ) -> plan::Step {
        match steps[k].step.inputs[0].checked_sub(inputs) {
            Some(p) if matches!(steps[p].role, Role::Pad) => {
                self.nodes[k].pad = steps[p].pad;
                bytes.in_bytes(steps[k].scratch[1], steps[k].state).reads(&steps[p].step)
            }
            _ => bytes,
        }
    }

    /// The sizes of the layer in bytes of node `k`: none where it does not run.
    pub const fn sizes(&self, k: usize) -> [usize; 2] {
        self.sizes[k]
    }

    /// Stops the build when node `k`, which `inferred` describes, has no form in bytes here.
    ///
    /// # Panics
    /// With a message that says why.
    #[track_caller]
    pub const fn verify<A: Copy>(&self, k: usize, inferred: &Inferred<A>) {
        if let Some(fault) = &self.faults[k]
            && inferred.fault.is_none()
        {
            inferred.stop(inferred.inputs.says().str(fault))
        }
    }
}

impl Step {
    const fn kernel(&self) -> Kernel {
        match self.role {
            Role::Kernel(kernel) => kernel,
            _ => Role::KERNEL,
        }
    }
}

/// The node whose numbers the bytes of the kernel of node `k` stand for: the last that is merged into it.
#[cfg(feature = "std")]
pub(super) const fn shown(nodes: &[Slots], k: usize) -> usize {
    let (mut last, mut behind) = (k, k + 1);
    while behind < nodes.len() {
        if let Some(kernel) = nodes[behind].merged_into
            && kernel == k
            && !nodes[behind].view
        {
            last = behind;
        }
        behind += 1;
    }
    last
}

/// Whether the caller reads the value `v` at the end.
const fn is_read(outputs: &[usize], v: usize) -> bool {
    let mut o = 0;
    while o < outputs.len() {
        if outputs[o] == v {
            return true;
        }
        o += 1;
    }
    false
}

/// Whether all that read the value `v` are kernels that take zeros around it to be there.
const fn is_padding<const N: usize>(steps: &[Step; N], v: usize, outputs: &[usize]) -> bool {
    let mut k = 0;
    if is_read(outputs, v) {
        return false;
    }
    while k < N {
        let mut i = 0;
        while i < steps[k].step.count {
            if steps[k].step.inputs[i] == v && !steps[k].kernel().pads {
                return false;
            }
            i += 1;
        }
        k += 1;
    }
    true
}

/// How often each value is read.
const fn readers<const N: usize, const V: usize>(
    steps: &[Step; N],
    outputs: &[usize],
) -> [usize; V] {
    let (mut readers, mut k) = ([0; V], 0);
    while k < N {
        let mut i = 0;
        while i < steps[k].step.count {
            readers[steps[k].step.inputs[i]] += 1;
            i += 1;
        }
        k += 1;
    }
    let mut o = 0;
    while o < outputs.len() {
        readers[outputs[o]] += 1;
        o += 1;
    }
    readers
}

/// Whether `shape` is that of an image whose order in memory is not the declared one.
pub(super) const fn is_image(shape: Shape) -> bool {
    shape.rank() == 3 && shape.dim(0) > 1 && shape.product(1, 3) > 1
}

const fn same_order(a: Shape, b: Shape) -> bool {
    if is_image(a) || is_image(b) { a.looks_like(&b) } else { true }
}

const SLOTS: Slots = Slots {
    number: 0,
    runs: false,
    view: false,
    merged_into: None,
    inputs: [0; MAX_INPUTS],
    x: [Place::Absent; MAX_INPUTS],
    y: Place::Absent,
    scratch: Place::Absent,
    state: (0, 0),
    lengths: [Length::fixed(0); MAX_INPUTS],
    length: Length::fixed(0),
    in_place: false,
    pad: [0; 4],
    fault: false,
};

const VALUE: Value = Value { scale_of: 0, seen: false, fixed: None, order: Shape::of(&[]) };
