//! The published nets in bytes give their published answers, to the byte, where they are at hand.

use std::io::Write;

use firmnet::int8::Network;
use firmnet::io::safetensors::File;
use firmnet::memory::Workspace;
use networks::tiny;

use crate::data;

#[test]
fn mlperf_tiny() {
    answers::<tiny::KeywordsInt8, _, _>("mlperf-tiny", "kws_int8");
    answers::<tiny::ResNet8Int8, _, _>("mlperf-tiny", "resnet8_int8");
    answers::<tiny::AutoEncoderInt8, _, _>("mlperf-tiny", "ad_int8");
    answers::<tiny::WakeWordsInt8, _, _>("mlperf-tiny", "vww_int8");
}

#[test]
fn tensorflow_lite_micro() {
    answers::<tiny::SineInt8, _, _>("tflite-micro", "hello_world_int8");
    answers::<tiny::MicroSpeechInt8, _, _>("tflite-micro", "micro_speech_int8");
    answers::<tiny::MnistLstmInt8, _, _>("tflite-micro", "mnist_lstm_int8");
    answers::<tiny::PersonDetectInt8, _, _>("tflite-micro", "person_detect_int8");
}

/// Holds what `N` gives for every published input against the published output.
fn answers<N, const I: usize, const O: usize>(folder: &str, name: &str)
where
    N: Network<Input = [i8; I], Output = [i8; O]>,
{
    let folder = data::path(folder);
    if !folder.is_dir() {
        // `eprintln` would say it only when the test fails.
        let word = format!("skipped {name}: there is no {}\n", folder.display());
        return std::io::stderr().write_all(word.as_bytes()).unwrap();
    }
    let learnt = std::fs::read(folder.join(name).with_extension("tflite")).unwrap();
    let (net, mut memory) = (super::read::<N>(&learnt).unwrap(), Workspace::new());
    let published = File::open(folder.join("expected.safetensors")).unwrap();
    let bytes = |what: &str| published.tensor(&format!("{name}.{what}")).unwrap().bytes;
    let samples = bytes("input").as_chunks::<I>().0.iter().zip(bytes("output").as_chunks::<O>().0);
    assert!(samples.len() > 0, "{name} has answers");
    for (x, y) in samples {
        let given = net.forward(&x.map(|byte| byte as i8), &mut memory);
        assert_eq!(given, &y.map(|byte| byte as i8), "{name}");
    }
}
