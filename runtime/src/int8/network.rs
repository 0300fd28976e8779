//! What every network in bytes can do.

use crate::batch::{self, for_tuples};
use crate::bits::FromBytes;
use crate::check::{check, split};
use crate::infer::MAX_INPUTS;
use crate::int8::Scale;
use crate::int8::fill::Filling;
use crate::int8::pass::{Inference, values};
use crate::int8::plan::{Slots, Value, is_image};
use crate::int8::stream::Stream;
use crate::layer::Tensor;
use crate::memory::Memory;
use crate::network::{self, Name};
use crate::sample::Sample;
use crate::summary;

#[cfg(feature = "std")]
use crate::int8::calibrate::{Calibration, scales};
#[cfg(feature = "std")]
use crate::int8::fill::Weights;
#[cfg(feature = "std")]
use crate::int8::report::{Report, report};
#[cfg(feature = "std")]
use std::{boxed::Box, vec::Vec};

/// A network in bytes, which `#[quantize(i8)]` on a network makes beside it: a struct that holds the layers in bytes and a [`Scale`] for
/// each value, and nothing else.
///
/// Values are `i8`. Images have their channels last, `[height][width][channels]`, as cameras give them; with one channel that is the
/// order of the declaration.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a network in bytes",
    note = "`#[quantize(i8)]` on a network `Net` makes `NetInt8`"
)]
pub trait Network: FromBytes + Send + Sync + Sized + 'static {
    /// The network in `f32`.
    type Float: network::Network;
    /// One sample: an array of `i8`, or a tuple of arrays, with the channels of images last.
    type Input: Inputs;
    /// What comes out for it: an array of `i8`, or a tuple of arrays, with the channels of images last.
    type Output: Outputs;

    /// One step of a sample: of each sequence one step.
    type Step: Inputs;
    /// What comes out for it.
    type StepOutput: Outputs;
    /// The least and the most of each value, for [`Qat`](crate::int8::Qat).
    type Ranges: Sample + FromBytes;

    /// What the tensors are called, shaped and made of, in memory order.
    const TENSORS: &'static [Tensor<Name>];
    /// The tensors of the network in `f32`, and the ranges of its values.
    const QAT_TENSORS: &'static [Tensor<Name>];
    /// What each node is told.
    const NODES: &'static [Slots];
    /// What is known of each value: first the inputs, then what the nodes give.
    const VALUES: &'static [Value];
    /// The values that come out.
    const OUTPUTS: &'static [usize];
    /// Bytes of memory for a forward pass.
    const INFERENCE_RAM: usize;
    /// Bytes that the layers carry from step to step.
    const STATE: usize;

    /// The bytes of tensor `i` of [`TENSORS`](Self::TENSORS).
    fn tensor(&self, i: usize) -> &[u8];
    /// As [`tensor`](Self::tensor), to write to.
    fn tensor_mut(&mut self, i: usize) -> &mut [u8];
    /// The scale of value `v` of [`VALUES`](Self::VALUES).
    fn scale(&self, v: usize) -> Scale;
    /// Sets the scale of value `v`.
    fn set_scale(&mut self, v: usize, scale: Scale);
    /// Calls the layers.
    fn run(&self, pass: &mut Inference<'_>);
    /// Fills the layers, from the last to the first.
    fn fill(&mut self, net: &Self::Float, filling: &mut Filling<'_>);

    /// `net` in bytes, on the heap: the range of every value is that of `samples`, as `calibration` finds it.
    ///
    /// # Panics
    /// When there is no sample.
    #[cfg(feature = "std")]
    fn quantize<'s>(
        net: &Self::Float,
        samples: impl IntoIterator<Item = &'s <Self::Float as network::Network>::Input> + Clone,
        calibration: Calibration,
    ) -> Box<Self> {
        let scales = scales::<Self>(net, samples, calibration);
        Self::with(net, scales, &|_| None)
    }

    /// `net` in bytes, on the heap, with a scale for each of [`VALUES`](Self::VALUES). `weights` gives those of a node that are in bytes
    /// already, as from a file of another tool; all others follow from `net`.
    ///
    /// # Panics
    /// When there are more or fewer scales than values.
    #[cfg(feature = "std")]
    fn with(
        net: &Self::Float,
        scales: Vec<Scale>,
        weights: &dyn Fn(usize) -> Option<Weights>,
    ) -> Box<Self> {
        assert_eq!(scales.len(), Self::VALUES.len(), "there is a scale for each value");
        let mut bytes = Self::boxed_zero();
        for (v, &scale) in scales.iter().enumerate() {
            bytes.set_scale(v, scale);
        }
        bytes.fill(net, &mut Filling::of::<Self>(scales, weights));
        bytes
    }

    /// All of it zero, on the heap. It never passes through the stack.
    #[cfg(feature = "alloc")]
    fn boxed_zero() -> alloc::boxed::Box<Self> {
        crate::bits::boxed_zero()
    }

    /// How far every layer of this is from that of `net`, over `samples`.
    #[cfg(feature = "std")]
    fn compare<'s>(
        &self,
        net: &Self::Float,
        samples: impl IntoIterator<Item = &'s <Self::Float as network::Network>::Input>,
    ) -> Report {
        report(self, net, samples)
    }

    /// Writes it to the safetensors file `path`, whole or not at all.
    ///
    /// # Errors
    /// Where it cannot be written. A file that was there before is then untouched.
    #[cfg(feature = "std")]
    fn save(&self, path: impl AsRef<std::path::Path>) -> Result<(), crate::io::safetensors::Error> {
        crate::io::network::save_bytes(self, path.as_ref())
    }

    /// Reads it from the safetensors file `path` of [`save`](Self::save).
    ///
    /// # Errors
    /// Where it cannot be read, is damaged, or is not of this network: every tensor that does not fit is listed. The network is then as
    /// it was.
    #[cfg(feature = "std")]
    fn load(
        &mut self,
        path: impl AsRef<std::path::Path>,
    ) -> Result<(), crate::io::safetensors::Error> {
        crate::io::network::load_bytes(self, path.as_ref())
    }

    /// The scale of input `i`.
    fn input_scale(&self, i: usize) -> Scale {
        self.scale(i)
    }

    /// The scale of output `o`.
    fn output_scale(&self, o: usize) -> Scale {
        Self::OUTPUTS.get(o).map_or(Scale::NONE, |&value| self.scale(value))
    }

    /// What the network gives for one sample.
    // As in `network::Network::forward`.
    #[cfg_attr(not(feature = "std"), inline(never))]
    fn forward<'m>(
        &self,
        x: &Self::Input,
        memory: &'m mut impl Memory,
    ) -> <Self::Output as Outputs>::One<'m> {
        let memory = room::<Self>(memory);
        self.run(&mut Inference::new(x.slices(), &mut *memory, None));
        Self::Output::of(|o| output::<Self>(o, memory, false))
    }

    /// What the network gives for the next step of a sequence that comes step by step: what [`forward`](Self::forward) gives for that step of
    /// the sequence so far, or for all of it where the output is no sequence. No layer may need steps that are still to come; of one that does,
    /// the build says so.
    fn step<'m, const LEN: usize>(
        &self,
        x: &Self::Step,
        stream: &'m mut Stream<Self, LEN>,
    ) -> <Self::StepOutput as Outputs>::One<'m> {
        const { crate::stream::verify::<Self::Float>() }
        let (state, memory) = stream.halves();
        self.run(&mut Inference::new(x.slices(), &mut *memory, Some(state)));
        Self::StepOutput::of(|o| output::<Self>(o, memory, true))
    }

    /// Writes the bytes that stand for the sample `x` of the network in `f32` to `to`.
    fn quantize_input(&self, x: &<Self::Float as network::Network>::Input, to: &mut Self::Input) {
        type Input<N> = <<N as Network>::Float as network::Network>::Input;
        let numbers = <Input<Self> as batch::Input>::slices(batch::Input::one(x), &mut []);
        for (i, (numbers, to)) in numbers.into_iter().zip(to.slices_mut()).enumerate() {
            let scale = self.input_scale(i);
            check!(
                numbers.len() == to.len(),
                "a sequence in bytes is as long as it may be, or comes step by step"
            );
            for_each_place(Self::VALUES, i, numbers.len(), |declared, place| {
                if let (Some(x), Some(to)) = (numbers.get(declared), to.get_mut(place)) {
                    *to = scale.byte(*x);
                }
            });
        }
    }

    /// Writes the numbers that the bytes `y` stand for to `to`, in the order of the network in `f32`.
    fn dequantize_output(
        &self,
        y: <Self::Output as Outputs>::One<'_>,
        to: &mut <Self::Float as network::Network>::Output,
    ) where
        <Self::Float as network::Network>::Output: Sample,
    {
        let [bytes, ..] = Self::Output::slices(y);
        let numbers = Sample::flatten_mut(core::slice::from_mut(to));
        let scale = self.output_scale(0);
        let value = Self::OUTPUTS.first().copied().unwrap_or_default();
        for_each_place(Self::VALUES, value, bytes.len(), |declared, place| {
            if let (Some(to), Some(&byte)) = (numbers.get_mut(declared), bytes.get(place)) {
                *to = scale.number(byte);
            }
        });
    }
}

/// Stops the build when `N` does not fit into `limit` bytes of flash; names the layer that has most.
#[track_caller]
pub const fn flash_within<N: Network>(limit: usize) {
    if is_certain::<N>() {
        summary::flash(<N::Float as network::Network>::ROWS, size_of::<N>(), limit);
    }
}

/// Stops the build when an inference of `N` does not fit into `limit` bytes of RAM; names the layer that takes most while it runs.
#[track_caller]
pub const fn ram_within<N: Network>(limit: usize) {
    let bytes = room_len::<N>() * size_of::<f32>();
    if bytes <= limit || !is_certain::<N>() {
        return;
    }
    let (mut most, mut all, mut k) = (0, 0, 0);
    while k < N::NODES.len() {
        let [x, y, scratch] = N::NODES[k].bytes();
        if x + y + scratch > all {
            (most, all) = (k, x + y + scratch);
        }
        k += 1;
    }
    let [x, y, scratch] = N::NODES[most].bytes();
    let says = summary::too_much_ram(bytes, limit).str("; `");
    let says = says.str(<N::Float as network::Network>::ROWS[most].name);
    let says = says.str("` takes most while it runs, ").num(x).str(" for what it reads, ").num(y);
    let says = says.str(" for what it writes, ");
    panic!("{}", says.num(scratch).str(" beside").as_str())
}

/// Whether nothing is wrong that could make it another network.
const fn is_certain<N: Network>() -> bool {
    let mut k = 0;
    while k < N::NODES.len() {
        if N::NODES[k].fault {
            return false;
        }
        k += 1;
    }
    summary::all_certain(<N::Float as network::Network>::ROWS)
}

/// Numbers of memory that a pass of `N` takes.
pub const fn room_len<N: Network>() -> usize {
    N::INFERENCE_RAM.div_ceil(size_of::<f32>())
}

/// The memory of a pass, in bytes.
pub(super) fn room<N: Network>(memory: &mut impl Memory) -> &mut [i8] {
    let bytes = bytes_of(memory.room(room_len::<N>()));
    let (bytes, _) = split(bytes, N::INFERENCE_RAM.min(bytes.len()));
    bytes
}

/// The bytes of `room`.
pub(super) fn bytes_of(room: &mut [f32]) -> &mut [i8] {
    bytemuck::must_cast_slice_mut(room)
}

/// What a pass has left in `memory` for output `o`.
fn output<N: Network>(o: usize, memory: &[i8], one_step: bool) -> &[i8] {
    let value = N::OUTPUTS.get(o).and_then(|value| value.checked_sub(inputs::<N>()));
    let slots = value.and_then(|k| N::NODES.get(k));
    slots
        .and_then(|slots| values(slots.y, slots.length, one_step))
        .and_then(|range| memory.get(range))
        .unwrap_or_default()
}

/// How many inputs the network has.
pub(super) const fn inputs<N: Network>() -> usize {
    N::VALUES.len() - N::NODES.len()
}

/// Calls `each` with the place of each number of a value in the declared order, and in memory.
pub(super) fn for_each_place(
    values: &[Value],
    value: usize,
    len: usize,
    mut each: impl FnMut(usize, usize),
) {
    let image = values.get(value).map(|value| value.order).filter(|&order| is_image(order));
    let (channels, plane) = image.map_or((1, len), |order| (order.dim(0), order.product(1, 3)));
    for channel in 0..channels {
        for i in 0..plane {
            each(channel * plane + i, i * channels + channel);
        }
    }
}

/// One sample in bytes: an array of `i8`, or a tuple of arrays.
pub trait Inputs: Copy + Send + Sync + 'static {
    /// All zero.
    const ZERO: Self;
    /// The bytes of each input.
    fn slices(&self) -> [&[i8]; MAX_INPUTS];
    /// As [`slices`](Self::slices), to write to.
    fn slices_mut(&mut self) -> [&mut [i8]; MAX_INPUTS];
}

/// What comes out of a network in bytes: an array of `i8`, or a tuple of arrays.
pub trait Outputs: Copy + Send + Sync + 'static {
    /// A reference to it, or a tuple of references.
    type One<'a>;
    /// What `output` gives for each output by its number.
    fn of<'a>(output: impl Fn(usize) -> &'a [i8]) -> Self::One<'a>;
    /// The bytes of each output.
    fn slices<'a>(one: Self::One<'a>) -> [&'a [i8]; MAX_INPUTS];
}

impl<const N: usize> Inputs for [i8; N] {
    const ZERO: Self = [0; N];
    fn slices(&self) -> [&[i8]; MAX_INPUTS] {
        let mut slices = [&[][..]; MAX_INPUTS];
        slices[0] = self;
        slices
    }
    fn slices_mut(&mut self) -> [&mut [i8]; MAX_INPUTS] {
        let mut slices: [&mut [i8]; MAX_INPUTS] = Default::default();
        slices[0] = self;
        slices
    }
}

impl<const N: usize> Outputs for [i8; N] {
    type One<'a> = &'a [i8; N];
    fn of<'a>(output: impl Fn(usize) -> &'a [i8]) -> &'a [i8; N] {
        whole(output(0))
    }
    fn slices<'a>(one: Self::One<'a>) -> [&'a [i8]; MAX_INPUTS] {
        one.slices()
    }
}

/// An output of `N` bytes.
fn whole<const N: usize>(bytes: &[i8]) -> &[i8; N] {
    let found = bytes.first_chunk();
    check!(found.is_some(), "an output is shorter than planned", const { &[0; N] });
    found.unwrap_or(const { &[0; N] })
}

macro_rules! several {
    ($(($($name:ident $i:tt),*))*) => {$(
        impl<$(const $name: usize),*> Inputs for ($([i8; $name],)*) {
            const ZERO: Self = ($([0; $name],)*);
            fn slices(&self) -> [&[i8]; MAX_INPUTS] {
                let mut slices = [&[][..]; MAX_INPUTS];
                $(slices[$i] = &self.$i;)*
                slices
            }
            fn slices_mut(&mut self) -> [&mut [i8]; MAX_INPUTS] {
                let mut slices: [&mut [i8]; MAX_INPUTS] = Default::default();
                $(slices[$i] = &mut self.$i;)*
                slices
            }
        }

        impl<$(const $name: usize),*> Outputs for ($([i8; $name],)*) {
            type One<'a> = ($(&'a [i8; $name],)*);
            fn of<'a>(output: impl Fn(usize) -> &'a [i8]) -> Self::One<'a> {
                ($(whole::<$name>(output($i)),)*)
            }
            fn slices<'a>(one: Self::One<'a>) -> [&'a [i8]; MAX_INPUTS] {
                let mut slices = [&[][..]; MAX_INPUTS];
                $(slices[$i] = &one.$i[..];)*
                slices
            }
        }
    )*};
}

for_tuples!(several);

/// The layer in bytes `L`, whatever its type: what a network's [`tensor`](Network::tensor) looks through.
pub trait Part {
    /// How many tensors it has.
    fn count(&self) -> usize;
    /// The bytes of tensor `i`.
    fn get(&self, i: usize) -> &[u8];
    /// As [`get`](Self::get), to write to.
    fn get_mut(&mut self, i: usize) -> &mut [u8];
}

impl<L: crate::int8::layer::Layer> Part for L {
    fn count(&self) -> usize {
        L::TENSORS.len()
    }
    fn get(&self, i: usize) -> &[u8] {
        self.tensor(i)
    }
    fn get_mut(&mut self, i: usize) -> &mut [u8] {
        self.tensor_mut(i)
    }
}

/// Tensor `i` of all `parts`, counted through; empty when there are not so many.
pub fn find<'a>(mut i: usize, parts: &[&'a dyn Part]) -> &'a [u8] {
    for part in parts {
        if i < part.count() {
            return part.get(i);
        }
        i -= part.count();
    }
    &[]
}

/// As [`find`], to write to.
pub fn find_mut<const P: usize>(mut i: usize, parts: [&mut dyn Part; P]) -> &mut [u8] {
    for part in parts {
        if i < part.count() {
            return part.get_mut(i);
        }
        i -= part.count();
    }
    &mut []
}
