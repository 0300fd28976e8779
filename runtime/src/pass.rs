//! A pass over a network: finds for each layer its slices in the planned memory, and calls it.

#[cfg(all(test, feature = "std"))]
mod tests;

use core::ops::Range;

use crate::batch::Input;
use crate::check::{check, split};
use crate::infer::{Endings, MAX_INPUTS, Node};
use crate::kernel::Ending;
use crate::layer::{self, Kind, Layer};
use crate::length::{Counts, Length, Lengths};
use crate::plan::{Brings, Place, Plan, Slots};

/// The inputs of a network for one batch, each sample after sample.
pub type Slices<'a> = [&'a [f32]; MAX_INPUTS];

/// The layer of a keyword without a name, whose type has no const arguments.
type Unnamed<K> = <K as Kind>::Layer<0, 0, 0, 0, 0, 0>;

/// What comes into a network: how many samples, their numbers, and how many steps each sample brings.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    pub(crate) n: usize,
    pub(crate) slices: Slices<'a>,
    pub(crate) counts: Counts<'a>,
    /// Whether sequences come in. They may also come step by step, which gives the same bits: see [`Lengths::by_row`].
    pub(crate) by_row: bool,
}

impl<'a> Batch<'a> {
    /// A batch in `room`, as large as `plan` says, where sequences are packed and their lengths are written down.
    ///
    /// # Panics
    /// When the inputs bring different numbers of samples, a sequence has too few steps for a layer, or two that are declared to be as long as each
    /// other are not.
    #[inline]
    pub(crate) fn of<'x: 'a, I: Input>(
        plan: &Plan,
        batch: I::Batch<'x>,
        room: &'a mut [f32],
    ) -> Self {
        let n = I::count(batch);
        let (counts, room) = split(room, n * plan.sequences);
        I::write_counts(batch, counts);
        let counts = counts_in(plan, n, counts);
        let by_row = plan.sequences > 0;
        let batch = Batch { n, slices: I::slices(batch, room), counts, by_row };
        if by_row {
            batch.verify(plan);
        }
        batch
    }

    /// The value at `place`, which may be an input.
    #[inline(always)]
    fn get<const M: usize>(
        &self,
        place: Place,
        length: Length,
        rest: &Rest<'a, f32, M>,
    ) -> &'a [f32] {
        match place {
            Place::Input(input) => self.slices.get(input).copied().unwrap_or_default(),
            place => rest.get(values(place, length, self.n, &self.counts)),
        }
    }

    /// See [`of`](Batch::of).
    fn verify(&self, plan: &Plan) {
        for (&Brings { least, most, as_input }, own) in plan.brings.iter().zip(self.counts) {
            if let Some(count) = own.iter().find(|&&count| (count as usize) < least) {
                check!(false, "a sequence of {count} steps, where {least} to {most} can come in");
            }
            let others = self.counts.get(as_input).copied().unwrap_or_default();
            if let Some((own, other)) = own.iter().zip(others).find(|(own, other)| own != other) {
                check!(
                    false,
                    "sequences of {own} and of {other} steps, where one is to be as long as the other"
                );
            }
        }
    }
}

/// The steps that each of `n` samples brings, for each input, as they were written to `room`.
#[inline]
pub(crate) fn counts_in<'a>(plan: &Plan, n: usize, room: &'a [f32]) -> Counts<'a> {
    let (mut counts, mut room) = ([&[][..]; MAX_INPUTS], room);
    if plan.sequences > 0 {
        for (counts, _) in counts.iter_mut().zip(&plan.brings).filter(|(_, brings)| brings.most > 0)
        {
            (*counts, room) = room.split_at_checked(n).unwrap_or_default();
        }
    }
    counts
}

/// Is shown the number of each node and what it gives, and may change that.
#[cfg(feature = "std")]
pub(crate) type Seen<'a> = &'a mut dyn FnMut(usize, &mut [f32]);

/// Is shown the number of each node before it goes backward, its output where that is read, and the gradient of its output; it may change both.
#[cfg(feature = "std")]
pub(crate) type SeenBackward<'a> = &'a mut dyn FnMut(usize, &mut [f32], &mut [f32]);

/// Forward, as in use after training.
///
/// A call is given its slots, which are constants where the network is declared, and all that follows from them is: what is left of
/// it at run time are a few additions. Where a network is called a million times a second, that counts.
pub struct Inference<'a> {
    pub(crate) inputs: Batch<'a>,
    pub(crate) memory: &'a mut [f32],
    /// What the layers carry from step to step; empty unless the sequence comes in pieces.
    pub(crate) state: &'a mut [f32],
    /// Is shown what each node gives.
    #[cfg(feature = "std")]
    pub(crate) seen: Option<Seen<'a>>,
}

impl<'a> Inference<'a> {
    #[inline]
    pub(crate) fn new(inputs: Batch<'a>, memory: &'a mut [f32], state: &'a mut [f32]) -> Self {
        Inference {
            inputs,
            memory,
            state,
            #[cfg(feature = "std")]
            seen: None,
        }
    }

    /// Whether somebody is shown what each node gives.
    #[inline(always)]
    fn is_seen(&self) -> bool {
        #[cfg(feature = "std")]
        return self.seen.is_some();
        #[cfg(not(feature = "std"))]
        false
    }

    /// Runs the node at `slots`, whose layer has no parameters.
    #[inline(always)]
    pub fn call_unnamed<K: Kind>(&mut self, slots: &Slots, node: &Node<K::Args>) {
        self.call(slots, node, &Unnamed::<K>::ZERO);
    }

    /// Runs the node at `slots`.
    #[inline(always)]
    pub fn call<L: Layer>(&mut self, slots: &Slots, node: &Node<L::Args>, layer: &L) {
        self.run(slots, node, layer, [&[]; 2]);
    }

    /// As [`call`](Inference::call); `next` is the layer of `next_node`, which alone reads what comes out, and may be done by this one.
    #[inline(always)]
    pub fn call_before<L: Layer, M: Layer>(
        &mut self,
        slots: &Slots,
        node: &Node<L::Args>,
        layer: &L,
        next_node: &Node<M::Args>,
        next: &M,
    ) {
        if slots.ending.factors {
            next.factors(next_node, |factors| self.run(slots, node, layer, factors));
        } else {
            self.call(slots, node, layer);
        }
    }

    #[inline(always)]
    fn run<L: Layer>(
        &mut self,
        slots: &Slots,
        node: &Node<L::Args>,
        layer: &L,
        factors: [&[f32]; 2],
    ) {
        let Some((y, ends)) = written(slots, self.is_seen()) else { return };
        let (n, counts) = (self.inputs.n, &self.inputs.counts);
        let y = values(y, slots.length, n, counts);
        let (y, scratch, (x, add)) = match slots.scratch {
            // One piece is cut out without asking which comes last.
            Place::Absent => {
                let ([y], rest) = carve(self.memory, [y]);
                (y, None, read(slots, ends, &self.inputs, &rest))
            }
            scratch => {
                let ([y, scratch], rest) = carve(self.memory, [y, range(scratch, n)]);
                (y, scratch, read(slots, ends, &self.inputs, &rest))
            }
        };
        let call = layer::Forward {
            n,
            x,
            y: y.unwrap_or_default(),
            kept: &mut [],
            kept_batch: &mut [],
            scratch: scratch.unwrap_or_default(),
            state: self.state.get_mut(slots.state.0..).map_or(&mut [], |state| {
                let (state, _) = split(state, slots.state.1.min(state.len()));
                state
            }),
            lengths: Lengths { slots, counts, by_row: self.inputs.by_row },
            seed: 0,
            in_place: slots.in_place,
            ending: Ending {
                factors: ends.factors.then_some(factors),
                add,
                bounds: ends.bounds,
                pool: ends.pool,
            },
        };
        layer.forward(node, call);
        #[cfg(feature = "std")]
        if let Some(seen) = &mut self.seen
            && let Some(y) = values(slots.y, slots.length, n, &self.inputs.counts)
        {
            seen(slots.number, &mut self.memory[y]);
        }
    }
}

/// The inputs of a node, and what it adds to its output.
#[inline(always)]
fn read<'a, const M: usize>(
    slots: &Slots,
    ends: Endings,
    inputs: &Batch<'a>,
    rest: &Rest<'a, f32, M>,
) -> (Slices<'a>, Option<&'a [f32]>) {
    let add = ends.add.then(|| inputs.get(slots.added, slots.length, rest));
    (inputs_of(slots, inputs, rest), add)
}

/// Where a node writes what, or none where nothing is to be done forward. Whoever looks at each value gets each: then no layer does the work
/// of another.
#[inline(always)]
fn written(slots: &Slots, is_seen: bool) -> Option<(Place, Endings)> {
    match is_seen {
        _ if slots.view => None,
        true => Some((slots.y, Endings::NONE)),
        false if slots.done_by.is_some() => None,
        false if slots.ended == Place::Absent => Some((slots.y, slots.ending)),
        false => Some((slots.ended, slots.ending)),
    }
}

/// Forward, as in training.
pub struct Training<'a> {
    pub(crate) plan: &'static Plan,
    pub(crate) inputs: Batch<'a>,
    pub(crate) memory: &'a mut [f32],
    /// What layers keep of a batch.
    pub(crate) batch: &'a mut [f32],
    pub(crate) seed: u64,
    /// Is shown what each node gives.
    #[cfg(feature = "std")]
    pub(crate) seen: Option<Seen<'a>>,
}

impl<'a> Training<'a> {
    /// A pass through the network of `plan`.
    pub(crate) fn new(
        plan: &'static Plan,
        inputs: Batch<'a>,
        memory: &'a mut [f32],
        batch: &'a mut [f32],
        seed: u64,
    ) -> Self {
        Training {
            plan,
            inputs,
            memory,
            batch,
            seed,
            #[cfg(feature = "std")]
            seen: None,
        }
    }

    /// Whether somebody is shown what each node gives.
    fn is_seen(&self) -> bool {
        #[cfg(feature = "std")]
        return self.seen.is_some();
        #[cfg(not(feature = "std"))]
        false
    }

    /// Runs node `k`, whose layer has no parameters.
    pub fn call_unnamed<K: Kind>(&mut self, k: usize, node: &Node<K::Args>) {
        self.call(k, node, &mut { Unnamed::<K>::ZERO });
    }

    /// Runs node `k`.
    pub fn call<L: Layer>(&mut self, k: usize, node: &Node<L::Args>, layer: &mut L) {
        let slots = &self.plan.nodes[k];
        let Some((y, ends)) = written(slots, self.is_seen()) else { return };
        let (n, counts) = (self.inputs.n, &self.inputs.counts);
        let kept_batch = &mut self.batch[slots.kept_batch.0..][..slots.kept_batch.1];
        let y = values(y, slots.length, n, counts);
        let ranges = [y, range(slots.kept, n), range(slots.scratch, n)];
        let ([y, kept, scratch], rest) = carve(self.memory, ranges);
        let call = layer::Forward {
            n,
            x: inputs_of(slots, &self.inputs, &rest),
            y: y.unwrap_or_default(),
            kept: kept.unwrap_or_default(),
            kept_batch,
            scratch: scratch.unwrap_or_default(),
            state: &mut [],
            lengths: Lengths { slots, counts, by_row: self.inputs.by_row },
            // An odd factor keeps the seeds of two nodes apart.
            seed: self.seed.wrapping_add((k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            in_place: slots.in_place,
            ending: Ending { bounds: ends.bounds, ..Ending::NONE },
        };
        layer.forward_training(node, call);
        #[cfg(feature = "std")]
        if let (Some(seen), Some(y)) =
            (&mut self.seen, values(slots.y, slots.length, n, &self.inputs.counts))
        {
            seen(k, &mut self.memory[y]);
        }
    }
}

/// Backward.
pub struct Backward<'a, 'g> {
    pub(crate) plan: &'static Plan,
    pub(crate) inputs: Batch<'a>,
    pub(crate) memory: &'a mut [f32],
    /// What layers keep of a batch.
    pub(crate) batch: &'a mut [f32],
    /// The gradients of the network's inputs, where somebody asks for them.
    pub(crate) input_gradients: [Option<&'g mut [f32]>; MAX_INPUTS],
    /// Is shown each node.
    #[cfg(feature = "std")]
    pub(crate) seen: Option<SeenBackward<'a>>,
}

impl<'a, 'g> Backward<'a, 'g> {
    /// A pass back through the network of `plan`.
    pub(crate) fn new(
        plan: &'static Plan,
        inputs: Batch<'a>,
        memory: &'a mut [f32],
        batch: &'a mut [f32],
        input_gradients: [Option<&'g mut [f32]>; MAX_INPUTS],
    ) -> Self {
        Backward {
            plan,
            inputs,
            memory,
            batch,
            input_gradients,
            #[cfg(feature = "std")]
            seen: None,
        }
    }

    /// Runs node `k`, whose layer has no parameters.
    pub fn call_unnamed<K: Kind>(&mut self, k: usize, node: &Node<K::Args>) {
        self.call(k, node, &Unnamed::<K>::ZERO, &mut { Unnamed::<K>::ZERO });
    }

    /// Runs node `k`, which adds to the gradient of its layer's parameters.
    pub fn call<L: Layer>(&mut self, k: usize, node: &Node<L::Args>, layer: &L, grad: &mut L) {
        let (slots, n, counts) = (&self.plan.nodes[k], self.inputs.n, &self.inputs.counts);
        let all = self.input_gradients.iter().any(Option::is_some);
        if slots.view_backward || slots.idle {
            return;
        }
        // The gradient of an input is made where a parameter or the caller waits for it.
        let asked = |i: usize| slots.dx[i] != Place::Absent && (all || slots.trains[i]);
        if !slots.trained && !(0..MAX_INPUTS).any(asked) {
            return;
        }
        #[cfg(feature = "std")]
        if let Some(seen) = &mut self.seen {
            let of = |place: Place| values(place, slots.length, n, counts);
            let y = if slots.needs_y { of(slots.y) } else { None };
            let ([y, dy], _) = carve(self.memory, [y, of(slots.dy)]);
            seen(k, y.unwrap_or_default(), dy.unwrap_or_default());
        }
        let mut ranges = [const { None }; MAX_INPUTS + 2];
        for i in (0..MAX_INPUTS).filter(|&i| asked(i)) {
            ranges[i] = values(slots.dx[i], slots.lengths[i], n, counts);
        }
        ranges[MAX_INPUTS] = range(slots.kept, n);
        ranges[MAX_INPUTS + 1] = range(slots.scratch_backward, n);
        let ([mut dx @ .., kept, scratch], rest) = carve(self.memory, ranges);
        for (i, dx) in dx.iter_mut().enumerate() {
            if let Some(dx) =
                dx.as_deref_mut().filter(|_| slots.first[i] && !slots.in_place_backward)
            {
                dx.fill(0.0);
            }
        }
        if all {
            for (input, gradient) in self.input_gradients.iter_mut().enumerate() {
                if let Some(i) = slots.dx.iter().position(|&place| place == Place::Input(input)) {
                    dx[i] = gradient.as_deref_mut();
                }
            }
        }
        let x = if slots.needs_x { inputs_of(slots, &self.inputs, &rest) } else { [&[][..]; 8] };
        let of_output = |place: Place| rest.get(values(place, slots.length, n, counts));
        let in_place = slots.in_place_backward && asked(0);
        let call = layer::Backward {
            n,
            x,
            y: if slots.needs_y { of_output(slots.y) } else { &[] },
            dy: if in_place { &[] } else { of_output(slots.dy) },
            dx,
            kept: kept.unwrap_or_default(),
            kept_batch: &mut self.batch[slots.kept_batch.0..][..slots.kept_batch.1],
            scratch: scratch.unwrap_or_default(),
            lengths: Lengths { slots, counts, by_row: self.inputs.by_row },
            in_place,
        };
        layer.backward(node, call, grad);
        self.add_twins(slots, all);
    }

    /// One value that came in twice gets the sum of both gradients.
    fn add_twins(&mut self, slots: &Slots, all: bool) {
        for i in (0..MAX_INPUTS).filter(|&i| slots.twin[i] != i && (all || slots.trains[i])) {
            let sum_place = slots.dx[slots.twin[i]];
            let (n, counts) = (self.inputs.n, &self.inputs.counts);
            let of = |place| values(place, slots.lengths[i], n, counts);
            let ([sum], rest) = carve(self.memory, [of(sum_place)]);
            let term = rest.get(of(slots.dx[i]));
            let sum = match (sum, sum_place) {
                (None, Place::Input(input)) => self.input_gradients[input].as_deref_mut(),
                (sum, _) => sum,
            };
            let sum = sum.unwrap_or_default();
            for (sum, term) in sum.iter_mut().zip(term) {
                *sum += term;
            }
        }
    }
}

/// Where `place` is in the memory of a batch of `n`.
#[inline]
pub(crate) fn range(place: Place, n: usize) -> Option<Range<usize>> {
    match place {
        Place::At { offset, len } => Some(n * offset..n * (offset + len)),
        Place::Absent | Place::Input(_) => None,
    }
}

/// Where the value at `place`, whose samples are as long as `length` says, is in the memory of a batch of `n`.
#[inline]
pub(crate) fn values(
    place: Place,
    length: Length,
    n: usize,
    counts: &Counts<'_>,
) -> Option<Range<usize>> {
    match place {
        Place::At { offset, len } if !length.is_fixed() => {
            let step = len / length.most().max(1);
            Some(n * offset..n * offset + step * length.total(n, counts))
        }
        place => range(place, n),
    }
}

#[inline(always)]
fn inputs_of<'a, const M: usize>(
    slots: &Slots,
    inputs: &Batch<'a>,
    rest: &Rest<'a, f32, M>,
) -> Slices<'a> {
    let mut x = [&[][..]; MAX_INPUTS];
    for ((x, &place), &length) in x.iter_mut().zip(&slots.x).zip(&slots.lengths) {
        *x = match place {
            Place::Absent => break,
            place if slots.in_place && place == slots.y => &[],
            place => inputs.get(place, length, rest),
        };
        // Most layers have one input; what is then known of it is known to the compiler.
        if slots.x[1] == Place::Absent {
            break;
        }
    }
    x
}

/// What [`carve`] leaves: the stretches between what was taken to be written.
pub(crate) struct Rest<'a, T, const M: usize> {
    first: &'a [T],
    after: [(usize, &'a [T]); M],
}

impl<'a, T, const M: usize> Rest<'a, T, M> {
    #[inline]
    pub(crate) fn get(&self, range: Option<Range<usize>>) -> &'a [T] {
        range.map_or(&[], |range| self.find(range))
    }

    #[inline]
    fn find(&self, range: Range<usize>) -> &'a [T] {
        let after = self.after.iter().rev().find(|(start, _)| range.start >= *start);
        let (start, stretch) = after.map_or((0, self.first), |&(start, stretch)| (start, stretch));
        let within = range.start.wrapping_sub(start)..range.end.wrapping_sub(start);
        stretch.get(within).unwrap_or_default()
    }
}

/// Takes `ranges`, which do not overlap, out of `memory`, and the rest to be read.
#[inline(always)]
pub(crate) fn carve<T, const M: usize>(
    memory: &mut [T],
    ranges: [Option<Range<usize>>; M],
) -> ([Option<&mut [T]>; M], Rest<'_, T, M>) {
    let mut ranges = ranges;
    let mut taken = [const { None }; M];
    let mut after: [(usize, &[T]); M] = [(usize::MAX, &[]); M];
    let mut memory = memory;
    // From the last to the first, so that every piece is cut off the end.
    for after in after.iter_mut().rev() {
        let left = ranges.iter_mut().zip(&mut taken).filter(|(range, _)| range.is_some());
        let Some((range, taken)) =
            left.max_by_key(|(range, _)| range.as_ref().map(|range| (range.start, range.end)))
        else {
            break;
        };
        let Some(range) = range.take() else { break };
        let (before, rest) = split(memory, range.start);
        let (piece, stretch) = split(rest, range.len());
        *taken = Some(piece);
        *after = (range.end, stretch);
        memory = before;
    }
    (taken, Rest { first: memory, after })
}
