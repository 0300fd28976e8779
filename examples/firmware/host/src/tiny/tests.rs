//! The memory of a pass is no more than what has to live at once.

use firmnet::int8;
use firmnet::network::Network;
use firmnet::plan::Place;
use networks::tiny;

/// Where places begin on a machine with vectors.
const ALIGN: usize = 64;

#[test]
fn no_memory_is_lost_in_bytes() {
    in_bytes::<tiny::AutoEncoderInt8>();
    in_bytes::<tiny::CnnInt8>();
    in_bytes::<tiny::KeywordsInt8>();
    in_bytes::<tiny::MicroSpeechInt8>();
    in_bytes::<tiny::MlpInt8>();
    in_bytes::<tiny::PersonDetectInt8>();
    in_bytes::<tiny::ResNet8Int8>();
    in_bytes::<tiny::SineInt8>();
    in_bytes::<tiny::WakeWordsInt8>();
}

#[test]
fn no_memory_is_lost_in_floats() {
    in_floats::<tiny::AutoEncoderInt8>();
    in_floats::<tiny::CnnInt8>();
    in_floats::<tiny::KeywordsInt8>();
    in_floats::<tiny::MicroSpeechInt8>();
    in_floats::<tiny::MlpInt8>();
    in_floats::<tiny::PersonDetectInt8>();
    in_floats::<tiny::ResNet8Int8>();
    in_floats::<tiny::SineInt8>();
    in_floats::<tiny::WakeWordsInt8>();
}

/// Holds the plan of a net in bytes against its largest sum of activations and scratch that live at once, in the order of its `forward`.
fn in_bytes<N: int8::Network>() {
    let inputs = N::VALUES.len() - N::NODES.len();
    let steps = N::NODES.iter().enumerate().map(|(k, node)| Step {
        inputs: &node.inputs,
        shares: (!node.runs || node.in_place).then_some(0),
        y: N::VALUES[inputs + k].order.len(),
        scratch: len(node.scratch),
    });
    let most = most_at_once(&steps.collect::<Vec<_>>(), inputs, N::OUTPUTS);
    assert!(N::INFERENCE_RAM <= most, "{} of {most}", N::INFERENCE_RAM);
}

/// As [`in_bytes`], of the plan in floats.
fn in_floats<N: int8::Network>() {
    let (plan, inputs) = (N::Float::INFERENCE, N::VALUES.len() - N::NODES.len());
    let steps = N::NODES.iter().zip(&plan.nodes).zip(N::Float::ROWS);
    let steps = steps.map(|((node, slots), row)| Step {
        inputs: &node.inputs,
        // The one of several inputs that is overwritten.
        shares: (slots.view || slots.in_place)
            .then(|| slots.x.iter().position(|&x| x == slots.y).unwrap_or(0)),
        y: 4 * row.output.len(),
        scratch: 4 * len(slots.scratch),
    });
    let most = most_at_once(&steps.collect::<Vec<_>>(), inputs, N::OUTPUTS);
    assert!(N::Float::INFERENCE_RAM <= most, "{} of {most}", N::Float::INFERENCE_RAM);
}

/// What one layer is to the memory, in bytes.
struct Step<'a> {
    /// The values that it reads: first the inputs of the net, then what each layer gives.
    inputs: &'a [usize],
    /// The input of those where its output lies, too.
    shares: Option<usize>,
    y: usize,
    scratch: usize,
}

/// The most bytes that any layer needs: all that it or a later one reads, what it writes, and its scratch.
fn most_at_once(steps: &[Step<'_>], inputs: usize, outputs: &[usize]) -> usize {
    // The layer that each value has its place from; the inputs of the net lie elsewhere.
    let mut origin: Vec<Option<usize>> = vec![None; inputs];
    for (k, step) in steps.iter().enumerate() {
        origin.push(step.shares.map_or(Some(k), |i| origin[step.inputs[i]]));
    }
    let is_needed = |k: usize, now: usize| {
        let is_from = |&v: &usize| origin[v] == Some(k);
        let is_read = steps[now..].iter().any(|step| step.inputs.iter().any(is_from));
        k <= now && (k == now || is_read || outputs.iter().any(is_from))
    };
    let at = |now: usize| {
        let living =
            (0..steps.len()).filter(|&k| origin[inputs + k] == Some(k) && is_needed(k, now));
        let y: usize = living.map(|k| steps[k].y.next_multiple_of(ALIGN)).sum();
        y + steps[now].scratch.next_multiple_of(ALIGN)
    };
    (0..steps.len()).map(at).max().unwrap_or_default()
}

fn len(place: Place) -> usize {
    if let Place::At { len, .. } = place { len } else { 0 }
}
