//! What is heard: the loudness of bands of pitches, 62 times a second.

use std::f32::consts::TAU;

use realfft::RealFftPlanner;

/// Bands of pitches.
pub const BANDS: usize = 40;
/// The lowest and the highest pitch, in Hz. Speech has more above, but a telephone does not.
const PITCHES: [f32; 2] = [60.0, 4000.0];
/// What lies further than this below the loudest frame is silence: 40 dB, as a difference of logarithms.
const SILENCE: f32 = 9.2;

/// The loudness of each band, on a logarithmic scale.
pub type Frame = [f32; BANDS];

/// The log-mel spectrum of `samples`, which come `rate` times a second: a frame of 32 ms every 16 ms, without the silence before and
/// after. How loud the whole is makes no difference.
pub fn frames(samples: &[f32], rate: u32) -> Vec<Frame> {
    let size = (rate as usize * 32 / 1000).max(2);
    let mut samples = samples.to_vec();
    samples.resize(samples.len().max(size), 0.0);
    let hann: Vec<f32> =
        (0..size).map(|i| 0.5 - 0.5 * (TAU * i as f32 / size as f32).cos()).collect();
    let filters = filters(size, rate);
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(size);
    let (mut windowed, mut spectrum) = (fft.make_input_vec(), fft.make_output_vec());
    let mut frames: Vec<Frame> = vec![];
    for frame in samples.windows(size).step_by(size / 2) {
        for ((to, x), w) in windowed.iter_mut().zip(frame).zip(&hann) {
            *to = x * w;
        }
        fft.process(&mut windowed, &mut spectrum).expect("buffers of the transform's own");
        frames.push(filters.each_ref().map(|filter| {
            let energy = filter.iter().zip(&spectrum).map(|(w, y)| w * y.norm_sqr()).sum::<f32>();
            // Of a full wave, the energy is about the square of the frame's length.
            (energy / (size * size) as f32 + 1e-9).ln()
        }));
    }
    levelled(trimmed(frames))
}

/// From the first to the last frame that is not silent.
fn trimmed(frames: Vec<Frame>) -> Vec<Frame> {
    let loudness = |frame: &Frame| frame.iter().copied().fold(f32::MIN, f32::max);
    let loudest = frames.iter().map(loudness).fold(f32::MIN, f32::max);
    let heard = |frame: &Frame| loudness(frame) > loudest - SILENCE;
    let first = frames.iter().position(heard).unwrap_or(0);
    let last = frames.iter().rposition(heard).unwrap_or(0);
    frames[first..=last].to_vec()
}

/// With mean 0, and about as large as 1.
fn levelled(mut frames: Vec<Frame>) -> Vec<Frame> {
    let numbers = frames.as_flattened_mut();
    let mean = numbers.iter().sum::<f32>() / numbers.len() as f32;
    numbers.iter_mut().for_each(|x| *x = (*x - mean) / 3.0);
    frames
}

/// How much of each of the transform's frequencies is in each band: triangles that overlap by half, equally wide to the ear (in mel).
fn filters(size: usize, rate: u32) -> [Vec<f32>; BANDS] {
    let mel = |hz: f32| 1127.0 * (1.0 + hz / 700.0).ln();
    let [low, high] = PITCHES.map(mel);
    let width = (high - low) / (BANDS + 1) as f32;
    std::array::from_fn(|band| {
        let middle = low + width * (band + 1) as f32;
        let weight = |i: usize| {
            let away = (mel(i as f32 * rate as f32 / size as f32) - middle).abs();
            (1.0 - away / width).max(0.0)
        };
        (0..=size / 2).map(weight).collect()
    })
}
