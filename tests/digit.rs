//! Digits from image files, as the example `mnist` reads them.

#[path = "../examples/support/digit.rs"]
mod reader;

use firmnet::data::{Mnist, Scale};
use image::{GrayImage, Luma, Rgba, RgbaImage, imageops};
use reader::Digit;

/// What `reader::read` makes of `image`.
fn read(image: &image::DynamicImage) -> anyhow::Result<Digit> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("digit.png");
    image.save(&path)?;
    reader::read(&path)
}

/// The mean difference of two digits.
fn difference(a: &Digit, b: &Digit) -> f32 {
    let pairs = a.as_flattened().as_flattened().iter().zip(b.as_flattened().as_flattened());
    pairs.map(|(a, b)| (a - b).abs()).sum::<f32>() / 784.0
}

/// Digits of MNIST, drawn large, small, dark on light, light on dark, grey, on something transparent and off the middle,
/// are read as MNIST has them.
#[test]
fn a_digit_is_read_as_mnist_has_it() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/mnist");
    let mnist = Mnist::load(folder).unwrap();
    let Scale { mean, std } = Scale::MNIST;
    for (x, label) in &mnist.test[..8] {
        let digit = x.map(|rows| rows.map(|row| row.map(|x| x * std + mean)));
        let ink = |x: u32, y: u32| (digit[0][y as usize][x as usize] * 255.0).round() as u8;
        let small = GrayImage::from_fn(28, 28, |x, y| Luma([ink(x, y)]));
        let large = imageops::resize(&small, 280, 280, imageops::FilterType::Nearest);
        let mut aside = GrayImage::new(500, 400);
        imageops::overlay(&mut aside, &large, 210, 100);
        let dark = GrayImage::from_fn(280, 280, |x, y| Luma([255 - large.get_pixel(x, y).0[0]]));
        let pale =
            GrayImage::from_fn(280, 280, |x, y| Luma([220 - large.get_pixel(x, y).0[0] / 2]));
        let clear =
            RgbaImage::from_fn(280, 280, |x, y| Rgba([0, 0, 80, large.get_pixel(x, y).0[0]]));
        let images = [
            small.into(),
            large.clone().into(),
            aside.into(),
            dark.into(),
            pale.into(),
            clear.into(),
        ];
        for (i, image) in images.iter().enumerate() {
            let difference = difference(&read(image).unwrap(), &digit);
            assert!(difference < 0.002, "a {label} in image {i} differs by {difference}");
        }
    }
}

#[test]
fn an_empty_image_is_refused() {
    let error = read(&GrayImage::from_pixel(40, 30, Luma([255])).into()).unwrap_err();
    assert!(error.to_string().ends_with("shows nothing: its pixels are all alike"), "{error}");
    let missing = reader::read("no/such/digit.png".as_ref()).unwrap_err();
    assert_eq!(missing.to_string(), "no/such/digit.png cannot be read as an image");
}
