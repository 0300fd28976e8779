//! A digit from an image file, as MNIST would show it.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use image::GrayImage;
use image::imageops;

/// One channel of 28 × 28.
pub type Digit = [[[f32; 28]; 28]; 1];

/// Reads the digit in the image at `path`, whatever its size and whether it is dark on light or light on dark: its ink is scaled into
/// 20 × 20 and put with its centre of mass in the middle of 28 × 28, as the makers of MNIST did. Ink is 1 and paper 0.
pub fn read(path: &Path) -> Result<Digit> {
    let image = image::open(path)
        .with_context(|| format!("{} cannot be read as an image", path.display()))?;
    // Transparent means paper.
    let mut grey = GrayImage::from_fn(image.width(), image.height(), |_, _| image::Luma([255]));
    let rgba = image.to_rgba8();
    for (to, from) in grey.pixels_mut().zip(rgba.pixels()) {
        let [r, g, b, a] = from.0.map(f32::from);
        to.0[0] = ((0.299 * r + 0.587 * g + 0.114 * b) * a / 255.0 + 255.0 - a) as u8;
    }
    if paper(&grey) > 127.0 {
        imageops::invert(&mut grey);
    }
    let (darkest, lightest) =
        grey.pixels().fold((255, 0), |(low, high), p| (p.0[0].min(low), p.0[0].max(high)));
    ensure!(lightest > darkest + 30, "{} shows nothing: its pixels are all alike", path.display());
    for pixel in grey.pixels_mut() {
        pixel.0[0] = (u32::from(pixel.0[0] - darkest) * 255 / u32::from(lightest - darkest)) as u8;
    }
    Ok(centred(&boxed(&grey)))
}

/// How light the border is, on average.
fn paper(grey: &GrayImage) -> f32 {
    let (w, h) = grey.dimensions();
    let border = grey
        .enumerate_pixels()
        .filter(|(x, y, _)| *x == 0 || *y == 0 || *x + 1 == w || *y + 1 == h);
    let (sum, count) =
        border.fold((0.0, 0.0), |(sum, count), (_, _, p)| (sum + f32::from(p.0[0]), count + 1.0));
    sum / count
}

/// The rectangle that holds the ink, scaled by averaging areas so that its longer side is 20.
fn boxed(grey: &GrayImage) -> GrayImage {
    let ink = || grey.enumerate_pixels().filter(|(_, _, p)| p.0[0] > 60);
    let (left, right) =
        ink().fold((u32::MAX, 0), |(low, high), (x, _, _)| (low.min(x), high.max(x)));
    let (top, bottom) =
        ink().fold((u32::MAX, 0), |(low, high), (_, y, _)| (low.min(y), high.max(y)));
    let (w, h) = (right - left + 1, bottom - top + 1);
    let cut = imageops::crop_imm(grey, left, top, w, h).to_image();
    let scale = 20.0 / w.max(h) as f32;
    let side = |size: u32| ((size as f32 * scale).round() as u32).max(1);
    imageops::thumbnail(&cut, side(w), side(h))
}

/// Put into 28 × 28 so that the centre of mass is in the pixel right below the middle, where all of MNIST has it.
fn centred(ink: &GrayImage) -> Digit {
    let mass = |axis: fn(u32, u32) -> u32| {
        let terms =
            ink.enumerate_pixels().map(|(x, y, p)| (f32::from(p.0[0]), axis(x, y) as f32 + 0.5));
        let (sum, total) =
            terms.fold((0.0, 0.0), |(sum, total), (m, at)| (sum + m * at, total + m));
        sum / total
    };
    let shift = |centre: f32, size: u32| {
        ((14.0 - centre).ceil() as i32).clamp(0, 28 - size as i32) as usize
    };
    let (left, top) = (shift(mass(|x, _| x), ink.width()), shift(mass(|_, y| y), ink.height()));
    let mut digit = [[[0.0; 28]; 28]; 1];
    for (x, y, p) in ink.enumerate_pixels() {
        digit[0][top + y as usize][left + x as usize] = f32::from(p.0[0]) / 255.0;
    }
    digit
}
