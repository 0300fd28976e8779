//! The series of sensor samples: those of a folder, or made up.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::read::MultiGzDecoder;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::networks::{GESTURES, RATE};

/// Acceleration along three axes, then the rate of turn about them, each about as large as 1.
pub type Sample = [f32; 6];

/// Somebody doing one thing over and over.
pub struct Series {
    pub samples: Vec<Sample>,
    /// Which of the gestures.
    pub gesture: u8,
    /// Who does it, from 1 to 10.
    pub subject: u32,
}

/// The names of the gestures, and the series.
pub struct Recordings {
    pub names: Vec<String>,
    pub series: Vec<Series>,
}

/// Reads `samples.csv.gz` (`series,ax,ay,az,wx,wy,wz`: the accelerations in g, the rates in rad/s) and `series.tsv` (columns `series`,
/// `label`, `exercise` and `subject` among others).
pub fn read(folder: &Path) -> Result<Recordings> {
    let cannot = |file: &Path| format!("{} cannot be read", file.display());
    let file = folder.join("series.tsv");
    let table = fs::read_to_string(&file).with_context(|| cannot(&file))?;
    let mut recordings = Recordings { names: vec![String::new(); GESTURES], series: vec![] };
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    for (number, line) in (2..).zip(lines) {
        let fields: Vec<&str> = line.split('\t').collect();
        let field = |name: &str| {
            let at = header.iter().position(|column| *column == name);
            at.and_then(|at| fields.get(at)).copied().context("a column is missing")
        };
        let mut read = || -> Result<Series> {
            let gesture: u8 = field("label")?.parse()?;
            let name = recordings.names.get_mut(usize::from(gesture));
            *name.context("there are labels 0 to 6")? = field("exercise")?.to_string();
            Ok(Series { samples: vec![], gesture, subject: field("subject")?.parse()? })
        };
        let series = read().with_context(|| format!("{}:{number}: {line}", file.display()))?;
        recordings.series.push(series);
    }

    let file = folder.join("samples.csv.gz");
    let mut text = String::new();
    let bytes = fs::read(&file).with_context(|| cannot(&file))?;
    MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text).with_context(|| cannot(&file))?;
    for (number, line) in (2..).zip(text.lines().skip(1)) {
        let numbers = line.split(',').map(str::parse::<f32>).collect::<Result<Vec<_>, _>>();
        let read = numbers.ok().filter(|numbers| numbers.len() == 7).and_then(|numbers| {
            let samples = &mut recordings.series.get_mut(numbers[0] as usize)?.samples;
            let rate = |i: usize| 0.5 * numbers[i];
            samples.push([numbers[1], numbers[2], numbers[3], rate(4), rate(5), rate(6)]);
            Some(())
        });
        read.with_context(|| format!("{}:{number}: {line}", file.display()))?;
    }
    ensure!(!recordings.series.is_empty(), "{} holds no series", folder.display());
    Ok(recordings)
}

/// Ten people who move a watch in seven ways: along and about each axis, and in a circle. Each has a pace and a strength of their own,
/// and wears the watch a little differently.
pub fn made_up() -> Recordings {
    let names = ["x", "y", "z", "about x", "about y", "about z", "circle"].map(String::from);
    let mut rng = StdRng::seed_from_u64(0);
    let mut series = vec![];
    for subject in 1..=10 {
        let (pace, strength) = (rng.random_range(0.5..1.2), rng.random_range(0.6..1.4));
        let tilt: [f32; 6] = std::array::from_fn(|_| rng.random_range(-0.3..0.3));
        for gesture in 0..GESTURES {
            let start = rng.random_range(0.0..std::f32::consts::TAU);
            let samples = (0..40 * RATE).map(|t| {
                let at = start + std::f32::consts::TAU * pace * t as f32 / RATE as f32;
                let mut sample = tilt.map(|tilt| tilt + rng.random_range(-0.3..0.3));
                match gesture {
                    6 => {
                        sample[0] += strength * at.cos();
                        sample[1] += strength * at.sin();
                    }
                    axis => sample[axis] += strength * at.sin(),
                }
                sample
            });
            series.push(Series { samples: samples.collect(), gesture: gesture as u8, subject });
        }
    }
    Recordings { names: names.into(), series }
}
