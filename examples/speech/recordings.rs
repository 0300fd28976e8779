//! Recordings of digits: those of a folder, a file, or made up.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::{f32, fs};

use anyhow::{Context, Result, bail, ensure};
use flate2::read::MultiGzDecoder;
use hound::{SampleFormat, WavReader};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A sound, whose loudest samples are near ±1.
pub struct Sound {
    pub samples: Vec<f32>,
    /// Samples in a second.
    pub rate: u32,
}

/// A digit, as somebody said it.
pub struct Recording {
    pub sound: Sound,
    pub digit: u8,
    /// Whether it is held back, to judge with.
    pub test: bool,
}

/// Reads the recordings of the free spoken digit dataset: a file for each, as `7_jackson_32.wav`, or all of them in `recordings.wav.gz` with
/// an `index.tsv` (columns `start`, `samples`, `digit` and `take` among others).
///
/// Takes 0 to 4 of everybody are held back, as the set's authors have it.
pub fn read(folder: &Path) -> Result<Vec<Recording>> {
    let index = folder.join("index.tsv");
    let recordings = match index.exists() {
        true => in_one(folder, &index)?,
        false => one_by_one(folder)?,
    };
    let test = recordings.iter().filter(|recording| recording.test).count();
    ensure!(test > 0 && test < recordings.len(), "{} holds no recordings", folder.display());
    Ok(recordings)
}

fn in_one(folder: &Path, index: &Path) -> Result<Vec<Recording>> {
    let file = folder.join("recordings.wav.gz");
    let packed = File::open(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let all = sound(MultiGzDecoder::new(BufReader::new(packed)))
        .with_context(|| format!("{} is no wav", file.display()))?;
    let table = fs::read_to_string(index)?;
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let recording = |line: &str| -> Result<Recording> {
        let fields: Vec<&str> = line.split('\t').collect();
        let number = |name: &str| -> Result<usize> {
            let at = header.iter().position(|column| *column == name);
            let field = at.and_then(|at| fields.get(at)).context("a column is missing")?;
            Ok(field.parse()?)
        };
        let (start, count) = (number("start")?, number("samples")?);
        let samples = all.samples.get(start..start + count).context("beyond the recordings")?;
        Ok(Recording {
            sound: Sound { samples: samples.to_vec(), rate: all.rate },
            digit: number("digit")? as u8,
            test: number("take")? < 5,
        })
    };
    (2..)
        .zip(lines)
        .map(|(n, line)| recording(line).with_context(|| format!("{}:{n}", index.display())))
        .collect()
}

fn one_by_one(folder: &Path) -> Result<Vec<Recording>> {
    let cannot = || format!("{} cannot be read", folder.display());
    let files = fs::read_dir(folder).with_context(cannot)?;
    let mut files = files.map(|file| Ok(file?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "wav"));
    files.sort();
    let recording = |file: &Path| {
        let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let parts: Vec<&str> = name.split('_').collect();
        let (Some(digit), Some(take)) = (
            parts[0].parse().ok().filter(|digit| *digit < 10),
            parts[parts.len() - 1].parse::<u32>().ok(),
        ) else {
            bail!("{}: a file is called `digit_speaker_take.wav`", file.display())
        };
        Ok(Recording { sound: open(file)?, digit, test: take < 5 })
    };
    files.iter().map(|file| recording(file)).collect()
}

/// Reads a wav.
pub fn open(file: &Path) -> Result<Sound> {
    let cannot = || format!("{} cannot be read", file.display());
    let bytes = BufReader::new(File::open(file).with_context(cannot)?);
    sound(bytes).with_context(cannot)
}

/// Several channels become one, their mean.
fn sound(bytes: impl Read) -> Result<Sound> {
    let mut wav = WavReader::new(bytes)?;
    let spec = wav.spec();
    let samples: Vec<f32> = match spec.sample_format {
        SampleFormat::Float => wav.samples::<f32>().collect::<Result<_, _>>()?,
        SampleFormat::Int => {
            let full = (1_u64 << (spec.bits_per_sample - 1)) as f32;
            let samples = wav.samples::<i32>().map(|x| x.map(|x| x as f32 / full));
            samples.collect::<Result<_, _>>()?
        }
    };
    let channels = usize::from(spec.channels);
    let mixed = samples.chunks(channels).map(|x| x.iter().sum::<f32>() / channels as f32);
    let (samples, rate) = (mixed.collect::<Vec<_>>(), spec.sample_rate);
    ensure!(samples.len() * 10 > rate as usize, "it is shorter than a tenth of a second");
    ensure!(rate >= 8000, "it has {rate} samples a second, and 8000 are needed");
    Ok(Sound { samples, rate })
}

/// The ten digits as a telephone's keys sound: two tones at once, in noise, 50 of each.
pub fn made_up() -> Vec<Recording> {
    const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
    const COLUMNS: [f32; 3] = [1209.0, 1336.0, 1477.0];
    let rate = 8000;
    let mut rng = StdRng::seed_from_u64(0);
    let mut recordings = vec![];
    for take in 0..50 {
        for digit in 0..10_u8 {
            let key = if digit == 0 { 10 } else { usize::from(digit) - 1 };
            let tones = [ROWS[key / 3], COLUMNS[key % 3]];
            let (loud, noise) = (rng.random_range(0.05..0.3), rng.random_range(0.0..0.3));
            let starts = [0; 2].map(|_| rng.random_range(0.0..f32::consts::TAU));
            let samples = (0..rng.random_range(1200..4800)).map(|t| {
                let time = f32::consts::TAU * t as f32 / rate as f32;
                let waves = tones.iter().zip(starts).map(|(hz, start)| (hz * time + start).sin());
                loud * waves.sum::<f32>() + rng.random_range(-noise..=noise)
            });
            let sound = Sound { samples: samples.collect(), rate };
            recordings.push(Recording { sound, digit, test: take < 5 });
        }
    }
    recordings
}
