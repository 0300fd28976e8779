//! Silero's voice activity detector, declared, with the weights that its authors publish, in two versions.

use std::path::Path;

use firmnet::io::safetensors::File;
use firmnet::prelude::*;

use super::published;
use super::vectors::{assert_close, cases};

network! {
    /// How likely somebody speaks in the last 512 samples, at 16 kHz; 64 samples before them come again. What is remembered comes in and goes
    /// out. The names are those of the published file.
    pub struct Silero {
        stft_conv: Conv1d(258, 256, stride = 128, bias = false),
        conv1: Conv1d(128, 3, padding = 1), conv2: Conv1d(64, 3, stride = 2, padding = 1),
        conv3: Conv1d(64, 3, stride = 2, padding = 1), conv4: Conv1d(128, 3, padding = 1),
        lstm_cell: LSTMCell(128), final_conv: Conv1d(1, 1),
    }
    fn forward(x: [1, 576], state: [2, 128]) -> ([1], [2, 128]) {
        // The cosines of 129 frequencies, and then the sines, of four windows.
        let spectrum = stft_conv(ReflectionPad1d((0, 64))(x));
        let re = Slice(0, 129)(spectrum);
        let im = Slice(129, 258)(spectrum);
        let y = ReLU(conv2(ReLU(conv1(Sqrt(re * re + im * im)))));
        let y: [128, 1] = ReLU(conv4(ReLU(conv3(y))));
        let next = lstm_cell(Flatten(y), state);
        let h = Transpose(0, 1)(ReLU(Slice(0, 1)(next)));
        (Flatten(Sigmoid(final_conv(h))), next)
    }
}

const STEPS: usize = 125;

/// The weights of the safetensors file, against PyTorch with the same.
#[test]
fn sileros_detector_is_pytorchs() {
    let Some(folder) = published::folder("silero-vad") else { return };
    let Some(audio) = audio() else { return };
    let mut net = Silero::boxed_zero();
    net.load(folder.join("silero_vad_16k.safetensors")).unwrap();
    let [case] = &cases("silero.json")[..] else { panic!("one case") };
    let (probabilities, states) = listen(&net, &audio);
    assert_close(&probabilities, &case.numbers("probability"), 5e-6, "probability");
    let last = states[STEPS - 1].as_flattened();
    assert_close(last, &case.numbers("state"), 5e-6, "state after the last step");
}

/// The weights of the ONNX file, which are others, and the answers that are published for it: probability and state after each step.
#[test]
fn sileros_detector_gives_its_published_answers() {
    let Some(folder) = published::folder("silero-vad") else { return };
    let Some(audio) = audio() else { return };
    let expected = File::open(folder.join("expected.safetensors")).unwrap();
    let numbers = |name: &str| expected.tensor(name).unwrap().floats().unwrap().to_vec();

    let bytes = std::fs::read(folder.join("silero_vad_16k_op15.onnx")).unwrap();
    let mut left = Silero::TENSORS.len();
    let mut net = Silero::boxed_zero();
    for (name, numbers) in initializers(&bytes) {
        let Some(name) = name_of(&name) else { continue };
        let i = Silero::TENSORS.iter().position(|tensor| tensor.name.as_str() == name).unwrap();
        net.tensor_mut(i).copy_from_slice(&numbers);
        left -= 1;
    }
    assert_eq!(left, 0, "tensors that the file does not have");

    let (found, states) = listen(&net, &audio);
    assert_close(&found, &numbers("probability"), 2e-6, "probability");
    for (i, (state, expected)) in states.iter().zip(numbers("state").chunks(256)).enumerate() {
        // They, too, were worked out in single precision.
        assert_close(state.as_flattened(), expected, 2e-5, &format!("state {i}"));
    }
}

/// The probability and the state after each step.
fn listen(net: &Silero, audio: &[f32]) -> (Vec<f32>, Vec<[[f32; 128]; 2]>) {
    let (mut input, mut memory) = (([[0.0; 576]], [[0.0; 128]; 2]), Workspace::new());
    let (mut probabilities, mut states) = (vec![], vec![]);
    for new in audio.chunks_exact(512) {
        let [x] = &mut input.0;
        x.copy_within(512.., 0);
        x[64..].copy_from_slice(new);
        let (&[probability], state) = net.forward(&input, &mut memory);
        probabilities.push(probability);
        states.push(*state);
        input.1 = *state;
    }
    assert_eq!(probabilities.len(), STEPS);
    (probabilities, states)
}

/// Four recordings of a second each, one after the other.
fn audio() -> Option<Vec<f32>> {
    let folder = published::folder("speech")?;
    let names = ["yes.wav", "no.wav", "silence.wav", "noise.wav"];
    Some(names.iter().flat_map(|name| samples(&folder.join(name))).collect())
}

/// The samples of a file of 16-bit PCM in one channel, with a header of the usual 44 bytes.
fn samples(path: &Path) -> Vec<f32> {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!((&bytes[..4], &bytes[36..40]), (&b"RIFF"[..], &b"data"[..]), "{}", path.display());
    let (samples, rest) = bytes[44..].as_chunks();
    assert!(rest.is_empty());
    samples.iter().map(|&sample| f32::from(i16::from_le_bytes(sample)) / 32768.0).collect()
}

/// What a tensor of the ONNX file is called here.
fn name_of(onnx: &str) -> Option<String> {
    let encoder = |(i, kind): (&str, &str)| {
        let i: usize = i.parse().unwrap();
        format!("conv{}.{kind}", i + 1)
    };
    if onnx == "model.stft.forward_basis_buffer" {
        return Some("stft_conv.weight".into());
    }
    if let Some(rest) = onnx.strip_prefix("model.encoder.") {
        return rest.split_once(".reparam_conv.").map(encoder);
    }
    let cell = onnx.strip_prefix("model.decoder.rnn.").map(|kind| format!("lstm_cell.{kind}"));
    let last = onnx.strip_prefix("model.decoder.decoder.2.");
    cell.or(last.map(|kind| format!("final_conv.{kind}")))
}

/// The float tensors of an ONNX model's graph: `ModelProto.graph` is field 7, `GraphProto.initializer` 5, and of a `TensorProto` the type is
/// 2, the name 8 and the little-endian numbers 9.
fn initializers(model: &[u8]) -> Vec<(String, Vec<f32>)> {
    let graph = fields(model).into_iter().find(|field| field.0 == 7).expect("a graph").1;
    let tensors = fields(graph).into_iter().filter(|field| field.0 == 5);
    let tensors = tensors.map(|(_, tensor)| {
        let of = |number| fields(tensor).into_iter().find(|field| field.0 == number);
        let name = of(8).map_or(&[][..], |field| field.1);
        let (floats, _) = of(9).map_or(&[][..], |field| field.1).as_chunks();
        let floats = floats.iter().map(|&float| f32::from_le_bytes(float)).collect();
        (String::from_utf8(name.to_vec()).unwrap(), floats)
    });
    tensors.collect()
}

/// The fields of a Protocol Buffers message that are of any length, by their numbers; others are passed over.
fn fields(mut message: &[u8]) -> Vec<(u64, &[u8])> {
    fn varint(message: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let (&byte, rest) = message.split_first().expect("a whole number");
            *message = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    }
    let mut fields = vec![];
    while !message.is_empty() {
        let tag = varint(&mut message);
        let len = match tag & 7 {
            0 => {
                varint(&mut message);
                continue;
            }
            1 => 8,
            2 => varint(&mut message) as usize,
            5 => 4,
            kind => panic!("a field of kind {kind}"),
        };
        let (value, rest) = message.split_at(len);
        message = rest;
        if tag & 7 == 2 {
            fields.push((tag >> 3, value));
        }
    }
    fields
}
