//! The nets of MLPerf Tiny and of TensorFlow Lite Micro on an emulated Cortex-M4F: whether they answer as here, and what they cost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use bytemuck::must_cast_slice;
use firmnet::int8::{self, Calibration};
use firmnet::io::safetensors::File;
use firmnet::prelude::*;
use firmnet::sample::Sample;
use networks::tiny;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::board::{Board, FIRMWARE, INSTRUCTIONS, STACK};
use crate::{data, tflite};

#[cfg(test)]
mod tests;

const TARGET: &str = "thumbv7em-none-eabihf";
/// The most bytes of code for `Keywords` in bytes.
const KEYWORDS_CODE: u64 = 12 * 1024;

/// Builds a program for each net, in floats and in bytes, runs it, and prints what it costs. In bytes a net has learnt what is published, and
/// gives the published answer; in floats, and where nothing is published or at hand, it is as it is before it learns.
///
/// Cargo builds for the board with `toolchain`, as `+cross`.
pub fn tiny(toolchain: Option<&str>) -> Result<()> {
    fs::create_dir_all(Path::new(FIRMWARE).join("target/tiny"))?;
    println!(
        "| network | in | parameters | MACs | bytes of network | of code | of workspace | of stack | instructions |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|");
    let bench = Bench { toolchain, around: around(toolchain)? };
    let (keywords, wake) = (Some("mlperf-tiny/kws_int8"), Some("mlperf-tiny/vww_int8"));
    let most = Most { code: KEYWORDS_CODE, ..instructions(4_500_000) };
    bench.net::<tiny::KeywordsInt8, _, _>("Keywords", keywords, most)?;
    bench.net::<tiny::WakeWordsInt8, _, _>("WakeWords", wake, instructions(16_000_000))?;
    let (images, anomaly) = (Some("mlperf-tiny/resnet8_int8"), Some("mlperf-tiny/ad_int8"));
    bench.net::<tiny::ResNet8Int8, _, _>("ResNet8", images, instructions(18_000_000))?;
    bench.net::<tiny::AutoEncoderInt8, _, _>("AutoEncoder", anomaly, instructions(450_000))?;
    bench.net::<tiny::SineInt8, _, _>(
        "Sine",
        Some("tflite-micro/hello_world_int8"),
        instructions(1_150),
    )?;
    let speech = Some("tflite-micro/micro_speech_int8");
    bench.net::<tiny::MicroSpeechInt8, _, _>("MicroSpeech", speech, instructions(600_000))?;
    let person = Some("tflite-micro/person_detect_int8");
    bench.net::<tiny::PersonDetectInt8, _, _>("PersonDetect", person, instructions(14_000_000))?;
    bench.net::<tiny::MlpInt8, _, _>("Mlp", None, instructions(40_000))?;
    bench.net::<tiny::CnnInt8, _, _>("Cnn", None, instructions(900_000))?;
    Ok(())
}

/// Bytes of code of a program whose network does nothing.
fn around(toolchain: Option<&str>) -> Result<u64> {
    let program = Program { net: "Nothing".to_owned(), family: "network", macs: 0 };
    tiny::Nothing::boxed(&mut StdRng::seed_from_u64(1)).save(program.file("safetensors"))?;
    Ok(program.run(toolchain, must_cast_slice(&[1.0f32]))?.code::<tiny::Nothing>(0))
}

/// The most that a net may take: instructions, and bytes of code.
#[derive(Clone, Copy, Debug)]
struct Most {
    instructions: u64,
    code: u64,
}

impl Most {
    const ANY: Most = Most { instructions: u64::MAX, code: u64::MAX };
}

fn instructions(most: u64) -> Most {
    Most { instructions: most, ..Most::ANY }
}

/// What programs are built with.
struct Bench<'a> {
    toolchain: Option<&'a str>,
    /// Bytes of code of a program [around] its network.
    around: u64,
}

impl Bench<'_> {
    /// The rows of the net that is declared as `name` and may be published as `file`. In bytes it may take `most`, unless what is published is
    /// not at hand.
    fn net<N, const I: usize, const O: usize>(
        &self,
        name: &str,
        file: Option<&str>,
        most: Most,
    ) -> Result<()>
    where
        N: int8::Network<Input = [i8; I], Output = [i8; O]>,
        N::Float: Network<Input: Sample, Output = [f32; O]>,
    {
        let mut rng = StdRng::seed_from_u64(1);
        let float = N::Float::boxed(&mut rng);
        let mut samples = vec![<N::Float as Network>::Input::ZERO; 8];
        Sample::flatten_mut(&mut samples).fill_with(|| rng.random_range(-1.0..1.0));

        let program = Program { net: name.to_owned(), family: "network", macs: N::Float::MACS };
        float.save(program.file("safetensors"))?;
        let seen = program.run(self.toolchain, must_cast_slice(Sample::flatten(&samples[..1])))?;
        let here = *float.forward(&samples[0], &mut Workspace::new());
        let there = seen.answer.as_chunks().0.iter().map(|&number| f32::from_le_bytes(number));
        let near = |(here, there): (&f32, f32)| (here - there).abs() <= 1e-4;
        ensure!(here.iter().zip(there).all(near), "{name}: {:?} there, {here:?} here", seen.answer);
        seen.print::<N::Float, N::Float>("f32", self.around);

        let program = Program { net: format!("{name}Int8"), family: "int8", macs: N::Float::MACS };
        let published = file.map(published::<N, I, O>).transpose()?.flatten();
        let most = if file.is_some() && published.is_none() { Most::ANY } else { most };
        let (net, sample, here) = published.unwrap_or_else(|| {
            let (net, mut x) = (N::quantize(&float, &samples, Calibration::MinMax), [0; I]);
            net.quantize_input(&samples[0], &mut x);
            let y = *net.forward(&x, &mut Workspace::new());
            (net, x, y)
        });
        net.save(program.file("safetensors"))?;
        let seen = program.run(self.toolchain, must_cast_slice(&sample))?;
        ensure!(
            seen.answer == must_cast_slice::<i8, u8>(&here),
            "{name} in bytes: {:?} there, {here:?} here",
            seen.answer
        );
        seen.print::<N::Float, N>("i8", self.around);
        let (took, code) = (seen.instructions, seen.code::<N>(self.around));
        ensure!(took <= most.instructions, "{name} in bytes takes {took} instructions, {most:?}");
        ensure!(code <= most.code, "{name} in bytes has {code} bytes of code, {most:?}");
        Ok(())
    }
}

/// A net in bytes, one of its inputs, and its answer to that.
type Published<N, const I: usize, const O: usize> = (Box<N>, [i8; I], [i8; O]);

/// What is published of a net in bytes, where it is at hand.
fn published<N, const I: usize, const O: usize>(file: &str) -> Result<Option<Published<N, I, O>>>
where
    N: int8::Network<Input = [i8; I], Output = [i8; O]>,
{
    let path = data::path(file).with_extension("tflite");
    if !path.exists() {
        eprintln!("{} is not there: what it has learnt is made up", path.display());
        return Ok(None);
    }
    let net = tflite::read::<N>(&fs::read(&path)?)?;
    let answers = File::open(path.with_file_name("expected.safetensors"))?;
    let name = path.file_stem().unwrap_or_default().display().to_string();
    let first =
        |what: &str| -> Result<&[u8]> { Ok(answers.tensor(&format!("{name}.{what}"))?.bytes) };
    let x = first("input")?.first_chunk().context("an input is too short")?.map(|byte| byte as i8);
    let y =
        first("output")?.first_chunk().context("an output is too short")?.map(|byte| byte as i8);
    Ok(Some((net, x, y)))
}

/// A program that runs one network.
struct Program {
    /// Its type.
    net: String,
    /// Where the trait is that it implements.
    family: &'static str,
    macs: usize,
}

impl Program {
    /// The file with that extension that belongs to it.
    fn file(&self, extension: &str) -> PathBuf {
        PathBuf::from(FIRMWARE).join("target/tiny").join(&self.net).with_extension(extension)
    }

    /// Builds it, with what it has learnt in its file, and runs it on `sample`.
    fn run(&self, toolchain: Option<&str>, sample: &[u8]) -> Result<Seen> {
        let Program { net, family, macs } = self;
        fs::write(self.file("sample"), sample)?;
        let source = format!(
            "use networks::tiny::{net} as Net;\n\
             static NET: Net = include_weights!(Net, \"{net}.safetensors\");\n\
             static SAMPLE: <Net as firmnet::{family}::Network>::Input = \
             firmnet::bits::read(*include_bytes!(\"{net}.sample\"));\n",
        );
        fs::write(self.file("rs"), source)?;
        let built = Command::new("cargo")
            .args(toolchain)
            .args(["build", "--quiet", "--locked", "--release", "--features", "tiny"])
            .args(["--bin", "tiny", "--target", TARGET])
            .env("TINY", self.file("rs"))
            .current_dir(FIRMWARE)
            .status()?;
        ensure!(built.success(), "the program for {net} does not build");
        // The clock has room for five million instructions, unless an instruction takes less time.
        let run = Board::of(TARGET).run_in_steps("tiny", if *macs > 1_000_000 { 2 } else { 7 })?;
        let answer = run.line("it gives ")?.split(' ').map(|byte| Ok(byte.parse()?));
        Ok(Seen {
            answer: answer.collect::<Result<_>>()?,
            instructions: run.number(INSTRUCTIONS)?,
            workspace: run.number("bytes of workspace: ")?,
            stack: run.number(STACK)?,
            flash: run.image.flash,
            sample: sample.len() as u64,
        })
    }
}

/// What a program gave, and what it cost.
struct Seen {
    answer: Vec<u8>,
    instructions: u64,
    workspace: u64,
    stack: u64,
    flash: u64,
    sample: u64,
}

impl Seen {
    /// Bytes of the code of the network `N`, if the rest of the program has as many as `around`.
    fn code<N>(&self, around: u64) -> u64 {
        self.flash - size_of::<N>() as u64 - self.sample - around
    }

    /// The row of `N`.
    fn print<F: Network, N>(&self, numbers: &str, around: u64) {
        let name = core::any::type_name::<F>().rsplit(':').next().unwrap_or_default();
        let (parameters, macs, bytes) = (F::PARAMETERS, F::MACS, size_of::<N>() as u64);
        let Seen { instructions, workspace, stack, .. } = self;
        let code = self.code::<N>(around);
        println!(
            "| `{name}` | `{numbers}` | {parameters} | {macs} | {bytes} | {code} | {workspace} | {stack} | {instructions} |"
        );
    }
}
