use firmnet_runtime::data::{Idx, Mnist, Scale};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::io::Write;
use std::time::{Duration, Instant};

const MNIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/data/mnist");

/// A file of `code`d values with the sizes `sizes`.
fn file(code: u8, sizes: &[u32], values: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, code, sizes.len() as u8];
    file.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    file.extend(values);
    file
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

#[track_caller]
fn refused(bytes: &[u8], expected: &str) {
    let error = Idx::parse("a.idx", bytes).unwrap_err().to_string();
    assert_eq!(error, format!("`a.idx` {expected}"));
}

#[test]
fn plain_and_gzip_hold_the_same() {
    let plain = file(8, &[2, 1, 3], &[1, 2, 3, 4, 5, 6]);
    let idx = Idx::parse("a.idx", &plain).unwrap();
    assert_eq!((idx.shape(), idx.values()), (&[2, 1, 3][..], &[1, 2, 3, 4, 5, 6][..]));
    assert_eq!(Idx::parse("a.idx", &gzip(&plain)).unwrap(), idx);
    let images = idx.images::<1, 3>(Scale { mean: 0.0, std: 1.0 / 255.0 }).unwrap();
    assert_eq!(images, [[[[1.0, 2.0, 3.0]]], [[[4.0, 5.0, 6.0]]]]);
}

#[test]
fn an_empty_axis_is_no_error() {
    assert!(Idx::parse("a.idx", &file(8, &[0, 28, 28], &[])).unwrap().values().is_empty());
}

#[test]
fn a_broken_file_is_named_with_what_is_wrong() {
    let good = file(8, &[2, 3], &[1, 2, 3, 4, 5, 6]);
    let magic = "and an IDX file with [00 00 08] and its number of axes; is it the right file?";
    refused(b"PK\x03\x04....", &format!("begins with the bytes [50 4b 03 04], {magic}"));
    refused(b"\0", &format!("begins with the bytes [00], {magic}"));
    refused(b"", &format!("begins with the bytes [], {magic}"));
    refused(&[0, 0, 8, 0, 1], &format!("begins with the bytes [00 00 08 00], {magic}"));
    refused(
        &file(0x0d, &[1], &[0; 4]),
        "holds f32 (type 0x0d), and only bytes (0x08) are read; write it as bytes",
    );
    refused(&good[..9], "ends after 9 of the 12 bytes of its header; fetch it again");
    let sizes = "has the sizes [2, 3], so 6 values, and";
    refused(&good[..17], &format!("{sizes} ends after 5; fetch it again"));
    refused(&[&good[..], b"!"].concat(), &format!("{sizes} goes on after them; fetch it again"));
    let gzip = gzip(&good);
    let Err(error) = Idx::parse("a.gz", &gzip[..gzip.len() - 3]) else { panic!("cut short") };
    assert!(error.to_string().starts_with("`a.gz` is a gzip file that is damaged or cut short ("));
    let Err(error) = Idx::parse("a.gz", &[&gzip[..], b"!"].concat()) else { panic!("too long") };
    assert!(error.to_string().starts_with("`a.gz` is a gzip file that is damaged or cut short ("));
}

#[test]
fn a_hostile_header_takes_no_memory() {
    // Four thousand million values, and 65,536 times as many; seven follow.
    let big = file(8, &[0xffff_ffff], &[0; 7]);
    refused(
        &big,
        "has the sizes [4294967295], so 4294967295 values, and ends after 7; fetch it again",
    );
    refused(
        &file(8, &[0xffff_ffff; 3], &[0; 7]),
        "has the sizes [4294967295, 4294967295, 4294967295], more bytes than this machine can \
         address; its header is damaged",
    );
}

#[test]
fn arrays_of_another_kind_are_refused() {
    let images = Idx::parse("images", &file(8, &[2, 1, 2], &[0; 4])).unwrap();
    let labels = Idx::parse("labels", &file(8, &[3], &[0, 9, 1])).unwrap();
    let scale = Scale::MNIST;
    assert_eq!(
        images.images::<28, 28>(scale).unwrap_err().to_string(),
        "`images` has the sizes [2, 1, 2], and [N, 28, 28] pictures were expected; is it the right file?"
    );
    assert_eq!(
        images.labels(10).unwrap_err().to_string(),
        "`images` has the sizes [2, 1, 2], and [N] labels were expected; is it the right file?"
    );
    assert_eq!(
        images.labelled::<1, 2>(&labels, 10, scale).unwrap_err().to_string(),
        "`labels` has 3 labels, and `images` 2 pictures; take both from one set"
    );
    assert_eq!(
        labels.labels(9).unwrap_err().to_string(),
        "`labels` has the label 9 at 1, and 9 classes count from 0"
    );
    assert_eq!(labels.labels(10).unwrap(), [0, 9, 1]);
}

#[test]
fn mnist_is_what_its_authors_published() {
    let start = Instant::now();
    let mnist = Mnist::load(MNIST).unwrap();
    let took = start.elapsed();
    assert_eq!((mnist.train.len(), mnist.test.len()), (60_000, 10_000));
    let first: Vec<u8> = mnist.train[..8].iter().map(|(_, label)| *label).collect();
    assert_eq!(first, [5, 0, 4, 1, 9, 2, 1, 3]);
    let first: Vec<u8> = mnist.test[..8].iter().map(|(_, label)| *label).collect();
    assert_eq!(first, [7, 2, 1, 0, 4, 1, 4, 9]);
    // The scale is the set's own, so the training set has the mean 0 and the deviation 1.
    let (mut sum, mut squares) = (0.0, 0.0);
    for x in mnist.train.iter().flat_map(|(image, _)| image.as_flattened().as_flattened()) {
        sum += f64::from(*x);
        squares += f64::from(*x) * f64::from(*x);
    }
    let n = 60_000.0 * 784.0;
    assert!((sum / n).abs() < 2e-4 && (squares / n - 1.0).abs() < 4e-4, "{sum} {squares}");
    assert!(took < Duration::from_secs(20), "reading MNIST took {took:?}");
    println!("MNIST read in {took:?}");
}

#[test]
fn a_folder_without_mnist_is_named() {
    let error = Mnist::load("nowhere").unwrap_err().to_string();
    assert!(error.contains("train-images-idx3-ubyte` is not there, nor with `.gz`"), "{error}");
}

proptest! {
    /// Any bytes give an array that agrees with its sizes, or an error; never a panic.
    #[test]
    fn any_bytes_are_survived(
        sizes in prop::collection::vec(0u32..4, 1..4),
        cut in 0usize..40,
        change in prop::collection::vec((0usize..40, any::<u8>()), 0..4),
        zipped: bool,
    ) {
        let values: Vec<u8> = (0..sizes.iter().product::<u32>() as u8).collect();
        let mut bytes = file(8, &sizes, &values);
        if zipped {
            bytes = gzip(&bytes);
        }
        for (at, byte) in change {
            if let Some(old) = bytes.get_mut(at) { *old = byte }
        }
        bytes.truncate(bytes.len().saturating_sub(cut / 4));
        if let Ok(idx) = Idx::parse("a.idx", &bytes) {
            prop_assert_eq!(idx.shape().iter().product::<usize>(), idx.values().len());
        }
    }
}
