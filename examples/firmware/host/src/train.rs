//! Where the parameters in `networks/data` come from.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use firmnet::data::{Image, Mnist, Scale};
use firmnet::prelude::*;
use flate2::read::GzDecoder;
use networks::digits::Digits;
use networks::digits_int8::{SmallCnn, SmallCnnInt8};
use networks::exercise::{self, Exercise, ExerciseInt8, STEPS};
use networks::flower::{FLOWERS, Flower};
use networks::largest;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::board::FIRMWARE;
use crate::data;

/// What the networks know goes here.
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../networks/data");

/// Learns to read digits, and writes what it learnt and the first image of each digit to judge it by.
pub fn digits() -> Result<()> {
    let mnist = mnist()?;
    let net: Box<Digits> = reader(&mnist, 12)?;
    net.save(Path::new(DATA).join("digits.safetensors"))?;

    let mut images = vec![];
    for digit in 0..10 {
        let (image, _) =
            mnist.test.iter().find(|(_, label)| *label == digit).context("a digit is missing")?;
        images.extend(pixels(image));
    }
    std::fs::write(Path::new(DATA).join("digits.bin"), images)?;
    Ok(())
}

/// Writes the first 500 test images of MNIST, each behind its label.
pub fn mirror() -> Result<()> {
    let mnist = mnist()?;
    let mut samples = vec![];
    for (image, label) in &mnist.test[..500] {
        samples.push(*label);
        samples.extend(pixels(image));
    }
    std::fs::write(Path::new(DATA).join("mirror.bin"), samples)?;
    Ok(())
}

/// Learns to read digits with a small convolutional network, quantises it, and writes that and a hundred images to judge it by.
pub fn digits_int8() -> Result<()> {
    let mnist = mnist()?;
    let net: Box<SmallCnn> = reader(&mnist, 8)?;
    let images = mnist.train.iter().map(|(image, _)| image);
    let bytes = SmallCnnInt8::quantize(&net, images.clone().take(1000), Calibration::MinMax);
    println!("{}", bytes.compare(&net, images.take(1000)));
    bytes.save(Path::new(DATA).join("digits-int8.safetensors"))?;
    println!("of {} images, {} are read rightly in bytes", mnist.test.len(), read_rightly(&bytes)?);

    let shown = mnist.test[..100].iter().flat_map(|(image, _)| pixels(image));
    std::fs::write(Path::new(DATA).join("digits-int8.bin"), shown.collect::<Vec<u8>>())?;
    Ok(())
}

/// A network that has learnt to read digits.
fn reader<N>(mnist: &Mnist, epochs: u32) -> Result<Box<N>>
where
    N: Network<Input = Image<28, 28>, Output = [f32; 10]>,
{
    let mut net = N::boxed(&mut StdRng::seed_from_u64(1));
    let mut trainer = Trainer::new(Adam::new(2e-3), CrossEntropyLoss::new())
        .epochs(epochs)
        .batch_size(64)
        .seed(1)
        .schedule(CosineAnnealingLr::new(epochs))
        .progress();
    println!("{}", trainer.fit(&mut *net, &mnist.train, &mnist.test)?);
    Ok(net)
}

/// How many of MNIST's 10,000 test images `net` reads rightly.
pub fn read_rightly(net: &SmallCnnInt8) -> Result<usize> {
    let mnist = mnist()?;
    let (mut memory, mut x) = (SmallCnnInt8::workspace(), [0; 784]);
    let is_right = |(image, label): &&(_, u8)| {
        net.quantize_input(image, &mut x);
        largest(net.forward(&x, &mut memory)) == usize::from(*label)
    };
    Ok(mnist.test.iter().filter(is_right).count())
}

/// Learns to tell irises apart (Anderson 1935, Fisher 1936), but for the three to judge it by.
pub fn flower() -> Result<()> {
    let text = read("tables/iris.csv")?;
    let mut flowers = vec![];
    for line in text.lines().skip(1) {
        let numbers: Vec<f32> = line.split(',').map(str::parse).collect::<Result<_, _>>()?;
        let (flower, species) = numbers.split_first_chunk::<4>().context("a line is too short")?;
        flowers.push((*flower, *species.first().context("a line has no species")? as usize));
    }
    flowers.retain(|(flower, _)| !FLOWERS.contains(flower));
    let mut net = Flower::boxed(&mut StdRng::seed_from_u64(1));
    let mut trainer = Trainer::new(Adam::new(1e-2), CrossEntropyLoss::new())
        .epochs(200)
        .batch_size(16)
        .seed(1)
        .schedule(CosineAnnealingLr::new(200));
    let history = trainer.fit(&mut *net, &flowers, [])?;
    println!("{} irises, loss and accuracy on them: {:?}", flowers.len(), history.last());
    net.save(Path::new(DATA).join("flower.safetensors"))?;
    Ok(())
}

/// Learns to tell exercises apart from the movements of some people, and is judged by those of others.
pub fn exercise() -> Result<()> {
    let movements = movements()?;
    let mut net = Exercise::boxed(&mut StdRng::seed_from_u64(1));
    let mut trainer = Trainer::new(Adam::new(1e-2), CrossEntropyLoss::new())
        .epochs(40)
        .batch_size(16)
        .seed(1)
        .clip_norm(1.0)
        .schedule(CosineAnnealingLr::new(40));
    println!("{}", trainer.fit(&mut *net, &movements.learnt, &movements.judged)?);
    net.save(Path::new(DATA).join("exercise.safetensors"))?;
    Ok(())
}

/// Quantises what tells exercises apart, and judges it by the same movements.
pub fn exercise_int8() -> Result<()> {
    let Movements { learnt, judged } = movements()?;
    let net = &exercise::NET;
    let bytes = ExerciseInt8::quantize(net, learnt.iter().map(|(x, _)| x), Calibration::MinMax);
    println!("{}", bytes.compare(net, judged.iter().map(|(x, _)| x)));
    bytes.save(Path::new(DATA).join("exercise-int8.safetensors"))?;
    let (mut memory, mut numbers) = (ExerciseInt8::workspace(), Exercise::workspace());
    let (mut right, mut x) = ([0; 2], [0; 6 * STEPS]);
    for (steps, label) in &judged {
        bytes.quantize_input(steps, &mut x);
        let said =
            [largest(net.forward(steps, &mut numbers)), largest(bytes.forward(&x, &mut memory))];
        right.iter_mut().zip(said).for_each(|(right, said)| *right += u32::from(said == *label));
    }
    let [floats, bytes] = right;
    println!("of {} movements, {floats} are told in f32, and {bytes} in bytes", judged.len());
    Ok(())
}

/// Movements with the exercise that they are.
struct Movements {
    learnt: Vec<(Seq<[f32; 6], STEPS>, usize)>,
    /// Those of other people.
    judged: Vec<(Seq<[f32; 6], STEPS>, usize)>,
}

/// Movements in pieces of [`STEPS`] steps, five hundredths of a second apart.
fn movements() -> Result<Movements> {
    let series = read("imu-exercises/series.tsv")?;
    let who: Vec<(usize, u32)> = series
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let field = |i: usize| fields.get(i).copied().context("a field is missing");
            Ok((field(2)?.parse()?, field(4)?.parse()?))
        })
        .collect::<Result<_>>()?;
    let mut text = String::new();
    GzDecoder::new(open("imu-exercises/samples.csv.gz")?).read_to_string(&mut text)?;
    let mut movements = vec![vec![]; who.len()];
    for line in text.lines().skip(1) {
        let (series, step) = line.split_once(',').context("a line is too short")?;
        let step: Vec<f32> = step.split(',').map(str::parse).collect::<Result<_, _>>()?;
        let step: [f32; 6] = step.as_slice().try_into().context("a step has six numbers")?;
        movements.get_mut(series.parse::<usize>()?).context("an unknown series")?.push(step);
    }
    let pieces = |judged: bool| -> Result<Vec<_>> {
        let mut pieces = vec![];
        for (steps, &(label, _)) in
            movements.iter().zip(&who).filter(|(_, who)| (who.1 > 8) == judged)
        {
            let steps: Vec<_> = steps.iter().step_by(5).copied().collect();
            for piece in steps.chunks_exact(STEPS) {
                pieces.push((Seq::new(piece)?, label));
            }
        }
        Ok(pieces)
    };
    Ok(Movements { learnt: pieces(false)?, judged: pieces(true)? })
}

/// MNIST, 0 for black and 1 for white.
fn mnist() -> Result<Mnist> {
    let plain = Scale { mean: 0.0, std: 1.0 };
    Ok(Mnist::load_scaled(Path::new(FIRMWARE).join("../data/mnist"), plain)?)
}

/// An image as it came, 0 for black and 255 for white.
fn pixels(image: &Image<28, 28>) -> impl Iterator<Item = u8> {
    image.as_flattened().as_flattened().iter().map(|x| (x * 255.0).round() as u8)
}

/// A text of the [data](data::path).
fn read(name: &str) -> Result<String> {
    let mut text = String::new();
    open(name)?.read_to_string(&mut text)?;
    Ok(text)
}

fn open(name: &str) -> Result<File> {
    let file = data::path(name);
    File::open(&file).with_context(|| {
        format!("{} cannot be read; `FIRMNET_DATA` names the folder of such data", file.display())
    })
}
