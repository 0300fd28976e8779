use firmnet_runtime::io::safetensors::{Dtype, Error, File, Metadata, place, write};
use firmnet_runtime::layer::Tensor;
use firmnet_runtime::network::Name;
use firmnet_runtime::shape::Shape;
use proptest::prelude::*;
use safetensors::SafeTensors;
use std::fs;
use std::panic::catch_unwind;

const WEIGHT: &[f32] = &[1.0, -2.5, 3.0, f32::MIN_POSITIVE, f32::MAX, -0.0];
const BIAS: &[f32] = &[0.25, 7.0];

/// The bytes of a file with this header, spaces and all, and this many bytes of data.
fn raw(header: &str, data: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.bytes());
    file.extend((0..data).map(|i| i as u8));
    file
}

/// A tensor in a header.
fn entry(name: &str, dtype: &str, shape: &[usize], begin: usize, end: usize) -> String {
    let (shape, name) = (format!("{shape:?}"), format!("\"{name}\""));
    format!(r#"{name}:{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}"#)
}

fn object(entries: &[String]) -> String {
    format!("{{{}}}", entries.join(","))
}

fn good() -> Vec<u8> {
    let tensors =
        [entry("fc.weight", "F32", &[2, 3], 0, 24), entry("fc.bias", "F32", &[2], 24, 32)];
    raw(&object(&tensors), 32)
}

const FC: [(&str, &[usize]); 2] = [("fc.weight", &[2, 3]), ("fc.bias", &[2])];

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.safetensors");
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let metadata =
        Metadata::from([pair("epoch", "7"), pair("a \"b\"\\\n\u{1}", "ä \u{1f980}"), pair("", "")]);
    let tensors: [(&str, &[usize], &[f32]); 4] = [
        ("größe.weight", &[2, 3], WEIGHT),
        ("fc.\"bias\"", &[2], BIAS),
        ("scalar", &[], &BIAS[..1]),
        ("none", &[0, 3], &[]),
    ];
    write(&path, tensors, &metadata).unwrap();
    let bytes = fs::read(&path).unwrap();
    write(&path, tensors, &metadata).unwrap();
    assert_eq!(bytes, fs::read(&path).unwrap(), "the same tensors give the same bytes");
    assert_eq!(u64::from_le_bytes(bytes[..8].try_into().unwrap()) % 8, 0);

    let file = File::open(&path).unwrap();
    assert_eq!(file.metadata(), &metadata);
    assert_eq!(file.names().collect::<Vec<_>>(), ["fc.\"bias\"", "größe.weight", "none", "scalar"]);
    let judge = SafeTensors::deserialize(&bytes).unwrap();
    for (name, shape, numbers) in tensors {
        let (view, theirs) = (file.tensor(name).unwrap(), judge.tensor(name).unwrap());
        assert_eq!((view.dtype, view.shape), (Dtype::F32, shape));
        assert_eq!((view.bytes, shape), (theirs.data(), theirs.shape()));
        let bits = |numbers: &[f32]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&view.floats().unwrap().to_vec()), bits(numbers));
    }
    let (_, theirs) = SafeTensors::read_metadata(&bytes).unwrap();
    let theirs = theirs.metadata().clone().unwrap();
    assert_eq!(theirs.into_iter().collect::<Metadata>(), metadata);
}

#[test]
fn the_trained_net_of_another_is_read() {
    let folder = std::env::var("FIRMNET_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").to_owned());
    let path = format!("{folder}/mnist-cnn/mnist_cnn.safetensors");
    if !fs::exists(&path).unwrap() {
        return println!("skipped: `{path}` is not there");
    }
    let file = File::open(path).unwrap();
    let shapes: [(&str, &[usize]); 8] = [
        ("conv1.weight", &[32, 1, 3, 3]),
        ("conv1.bias", &[32]),
        ("conv2.weight", &[64, 32, 3, 3]),
        ("conv2.bias", &[64]),
        ("fc1.weight", &[128, 3136]),
        ("fc1.bias", &[128]),
        ("fc2.weight", &[10, 128]),
        ("fc2.bias", &[10]),
    ];
    let all = file.fit(shapes).unwrap();
    assert!(all.iter().flat_map(|tensor| tensor.to_vec()).all(|x| x.abs() < 10.0));
    let wrong = [("conv1.weight", &[32, 1, 3, 3][..]), ("fc1.weight", &[128, 9216])];
    assert!(matches!(file.fit(wrong), Err(Error::Unfit { faults, .. }) if faults.len() == 7));
}

#[test]
fn every_kind_of_float_is_read() {
    let header = object(&[
        entry("f16", "F16", &[5], 0, 10),
        entry("bf16", "BF16", &[2], 10, 14),
        entry("f64", "F64", &[2], 14, 30),
        entry("i64", "I64", &[], 30, 38),
    ]);
    let mut file = raw(&header, 0);
    for half in [0x3c00u16, 0xc100, 0x0001, 0x7c00, 0x83ff, 0x3fc0, 0xc2f7] {
        file.extend(half.to_le_bytes());
    }
    file.extend([0.1f64, -1e300].iter().flat_map(|x| x.to_le_bytes()));
    file.extend(5i64.to_le_bytes());
    let file = File::from_bytes("a", file).unwrap();
    let floats = |name| file.tensor(name).unwrap().floats().map(|floats| floats.to_vec());
    // By hand: 1, −2.5, 2⁻²⁴, infinity, −1023 · 2⁻²⁴; 1.5, −123.5.
    let f16 = vec![1.0, -2.5, 5.960_464_5e-8, f32::INFINITY, -6.097_555e-5];
    assert_eq!(floats("f16").unwrap(), f16);
    assert_eq!(floats("bf16").unwrap(), [1.5, -123.5]);
    assert_eq!(floats("f64").unwrap(), [0.1, f32::NEG_INFINITY]);
    assert_eq!(floats("i64"), None);
}

#[track_caller]
fn unfit(file: &File, expected: &[(&str, &[usize])], faults: &str) {
    let error = file.fit(expected.iter().copied()).unwrap_err().to_string();
    assert_eq!(error, format!("`net` does not fit:{faults}"));
}

#[test]
fn what_does_not_fit_is_listed() {
    let file = File::from_bytes("net", good()).unwrap();
    assert_eq!(file.fit(FC).unwrap()[1].to_vec().len(), 2);
    let extra = "\n  `fc.bias` [2] is not expected";
    unfit(&file, &FC[..1], extra);
    unfit(
        &file,
        &[("fc.weight", &[3, 2]), FC[1]],
        "\n  `fc.weight` has the shape [2, 3], and [3, 2] is needed",
    );
    unfit(
        &file,
        &[FC[0], ("fc.bais", &[2])],
        &format!("\n  `fc.bais` [2] is missing; the nearest is `fc.bias` [2]{extra}"),
    );
    unfit(
        &file,
        &[FC[0], ("head.fc.bias", &[2])],
        &format!("\n  `head.fc.bias` [2] is missing; the nearest is `fc.bias` [2]{extra}"),
    );
    unfit(&file, &[FC[0], FC[1], ("conv2.weight", &[1])], "\n  `conv2.weight` [1] is missing");
    let error = file.tensor("fc.weigth").unwrap_err().to_string();
    let near = "\n  `fc.weigth` is missing; the nearest is `fc.weight` [2, 3]";
    assert_eq!(error, format!("`net` does not fit:{near}"));

    let many: Vec<String> = (0..12).map(|i| entry(&format!("t{i}"), "U8", &[0], 0, 0)).collect();
    let error = File::from_bytes("net", raw(&object(&many), 0)).unwrap().fit([]).unwrap_err();
    assert!(error.to_string().ends_with("\n  and 4 more"), "{error}");

    // PyTorch's counter of batches may be over, but only as PyTorch writes it.
    let counter = |dtype: &str, shape: &[usize], bytes| {
        let header = object(&[entry("bn.num_batches_tracked", dtype, shape, 0, bytes)]);
        File::from_bytes("net", raw(&header, bytes)).unwrap()
    };
    assert!(counter("I64", &[], 8).fit([]).unwrap().is_empty());
    let not = "\n  `bn.num_batches_tracked` [1] is not expected";
    unfit(&counter("I64", &[1], 8), &[], not);
    let whole = "\n  `bn.num_batches_tracked` is I64, and floating-point numbers are needed";
    unfit(&counter("I64", &[], 8), &[("bn.num_batches_tracked", &[])], whole);
}

/// Broken files, each with what both readers say of it; only the first may see what is not in a network's file.
const BROKEN: &[(&str, usize, &str)] = &[
    (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, 8, "`,` or `}`"),
    (r#"["a"]"#, 0, "byte 0 of its header has to be `{`"),
    ("", 0, "byte 0 of its header has to be `{`"),
    ("{} x", 0, "byte 3 of its header has to be the end"),
    (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},}"#, 8, "has to be a string"),
    (r#"{"a":{"dtype":"F32","shape":[2]}}"#, 8, "`a` lacks one of `dtype`, `shape`"),
    (r#"{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, 8, "the unknown dtype `F31`"),
    (r#"{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}"#, 8, "to be a whole number"),
    (r#"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, 8, "to be a whole number"),
    (r#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "to be a whole number"),
    (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8, "has not two `data_offsets`"),
    (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}"#, 8, "the list is too long"),
    (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "is at the bytes 8 to 0 of 8"),
    (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7, "is at the bytes 0 to 8 of 7"),
    (r#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "takes 12 bytes, and has 8"),
    (
        r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,
        8,
        "beyond all bounds, and has 8",
    ),
    (
        r#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#,
        8,
        "a number that this machine can count to",
    ),
    (
        r#"{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
        8,
        "`a` has an unknown or a second `dtype`",
    ),
    (
        r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"strides":[1]}}"#,
        8,
        "`a` has an unknown or a second `strides`",
    ),
    (
        r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#,
        16,
        "`a` is there twice",
    ),
    (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9, "overlap or leave holes"),
    (r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12, "overlap or leave holes"),
    (r#"{"__metadata__":{"a":1}}"#, 0, "has to be a string"),
    (r#"{"__metadata__":{},"__metadata__":{}}"#, 0, "has `__metadata__` twice"),
    ("{\"a\n\":1}", 0, "a string without control characters"),
    ("{\"a", 0, "the `\"` that ends a string"),
    ("{\"a\\", 0, "byte 4 of its header has to be one of `\"\\/bfnrt` or `u`"),
    (r#"{"__metadata__":{"a":"\x"}}"#, 0, "has to be one of"),
    (r#"{"a\x":1}"#, 0, "has to be one of"),
    (r#"{"a\u00g0":1}"#, 0, "or `u` and four digits"),
];

/// `[2]` for `a`: the network that the broken files are for.
fn place_a(bytes: &[u8]) -> Result<[u8; 8], String> {
    let expected = [Tensor {
        name: Name::new().str("a"),
        shape: Shape::of(&[2]),
        trained: true,
        dtype: Dtype::F32,
    }];
    caught(|| place::<8>("net", bytes, &expected))
}

fn caught<T>(place: impl FnOnce() -> T + std::panic::UnwindSafe) -> Result<T, String> {
    catch_unwind(place).map_err(|panic| *panic.downcast::<String>().unwrap())
}

#[test]
fn broken_files_are_refused_by_program_and_compiler() {
    for &(header, data, expected) in BROKEN {
        let bytes = raw(header, data);
        let error = File::from_bytes("net", bytes.clone()).expect_err(header).to_string();
        assert!(error.starts_with("`net`: ") && error.contains(expected), "{header}\n{error}");
        let error = place_a(&bytes).expect_err(header);
        let other = ["`a` has the shape [3], and the network needs [2]", "`a` [2] is missing"];
        let same = error.starts_with("`net`: ")
            && (error.contains(expected) || other.iter().any(|text| error.contains(text)));
        assert!(same, "{header}\n{error}");
        if !header.contains("strides") && !header.is_empty() {
            assert!(SafeTensors::deserialize(&bytes).is_err(), "the judge takes {header}");
        }
    }
    for (bytes, expected) in [
        (&b"abc"[..], "it has only 3 bytes, and the length of the header takes 8"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff{}", "bytes, and only 2 follow; it is cut short"),
        (b"\x02\0\0\0\0\0\0\0{\xff", "its header is not UTF-8 at byte 1"),
    ] {
        let error = File::from_bytes("net", bytes.to_vec()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(place_a(bytes).unwrap_err().contains(expected));
    }
    let wrong = raw(r#"{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 8);
    let error = File::from_bytes("net", wrong.clone()).unwrap_err().to_string();
    assert_eq!(error, r"`net`: `\ud800` has a wrong escape in its name");
    let error = place_a(&wrong).unwrap_err();
    assert_eq!(error, r"`net`: `\ud800` is written with a backslash; write the letters themselves");
}

const fn tensor(name: &str, dims: &[usize]) -> Tensor<Name> {
    Tensor { name: Name::new().str(name), shape: Shape::of(dims), trained: true, dtype: Dtype::F32 }
}

const NET: [Tensor<Name>; 2] = [tensor("fc.weight", &[1, 2]), tensor("fc.bias", &[1])];

/// A file in another order than the network, with spaces, metadata and a counter, put in place by the compiler.
const FILE: &[u8] = b"\xfc\0\0\0\0\0\0\0\
    {\"__metadata__\": {\"by\": \"\\\"hand\\\"\"}, \
    \"fc.bias\": {\"shape\": [1], \"dtype\": \"F32\", \"data_offsets\": [16, 20]}, \
    \"bn.num_batches_tracked\": {\"data_offsets\": [8, 16], \"dtype\": \"I64\", \"shape\": []},\
    \"fc.weight\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}  \
    01234567########abcd";
static PLACED: [u8; 12] = place("net.safetensors", FILE, &NET);

#[test]
fn the_compiler_places_in_the_order_of_the_network() {
    assert_eq!(&PLACED, b"01234567abcd");
    let file = File::from_bytes("net", FILE.to_vec()).unwrap();
    assert_eq!(file.metadata()["by"], "\"hand\"");
    assert_eq!(
        file.fit(FC.map(|(name, _)| (name, &[1, 2][..]))).unwrap_err().to_string().lines().count(),
        2
    );
}

#[track_caller]
fn misplaced(entries: &[String], data: usize, expected: &str) {
    let bytes = raw(&object(entries), data);
    let error = caught(|| place::<12>("net", &bytes, &NET)).unwrap_err();
    assert_eq!(error, format!("`net`: {expected}"));
}

#[test]
fn what_the_compiler_refuses_is_named() {
    let weight = || entry("fc.weight", "F32", &[1, 2], 0, 8);
    let bias = || entry("fc.bias", "F32", &[1], 8, 12);
    misplaced(&[weight()], 8, "`fc.bias` [1] is missing");
    misplaced(
        &[weight(), entry("fc.bais", "F32", &[1], 8, 12)],
        12,
        "`fc.bias` [1] is missing; it has `fc.bais` [1] instead",
    );
    misplaced(
        &[entry("module.fc.weight", "F32", &[1, 2], 0, 8), bias()],
        12,
        "`fc.weight` [1, 2] is missing; it has `module.fc.weight` [1, 2] instead",
    );
    misplaced(
        &[entry("fc.weight", "F32", &[2, 1], 0, 8), bias()],
        12,
        "`fc.weight` has the shape [2, 1], and the network needs [1, 2]",
    );
    misplaced(
        &[weight(), entry("fc.bias", "F16", &[1], 8, 10)],
        10,
        "`fc.bias` is F16, and only F32 can be placed; save it as float32",
    );
    misplaced(
        &[weight(), bias(), entry("extra", "I8", &[3], 12, 15)],
        15,
        "`extra` [3] is not in the network",
    );
    let holes = "its tensors overlap or leave holes; it is damaged";
    misplaced(&[weight(), entry("fc.bias", "F32", &[1], 4, 8)], 8, holes);
    misplaced(&[weight(), bias()], 13, holes);
    misplaced(&[weight(), bias(), bias()], 12, "`fc.bias` is there twice");
    let many: Vec<String> = (0..1025).map(|i| entry(&format!("t{i}"), "U8", &[0], 0, 0)).collect();
    misplaced(&many, 0, "it has more than 1024 tensors");
}

proptest! {
    /// A file with any few bytes changed is read as the crate `safetensors` reads it, or refused with a message. What this
    /// reader refuses alone are things that no writer writes: a key or a name twice, keys that the format does not have.
    #[test]
    fn changed_files_are_read_alike_or_refused(
        changes in prop::collection::vec((0usize..400, any::<u8>()), 0..4),
        texts in prop::collection::vec((0usize..400, "[\"{}:,\\[\\]0-9\\\\u ]{1,3}"), 0..3),
        cut in 0usize..20,
    ) {
        let mut bytes = FILE.to_vec();
        for (at, byte) in changes {
            if let Some(old) = bytes.get_mut(at) { *old = byte }
        }
        for (at, text) in texts {
            if at < bytes.len() { bytes.splice(at..at + 1, text.bytes()); }
        }
        bytes.truncate(bytes.len() - cut / 10);
        let theirs = SafeTensors::deserialize(&bytes);
        match File::from_bytes("net", bytes.clone()) {
            Ok(file) => {
                let theirs = theirs.expect("the judge refuses what is read here");
                prop_assert_eq!(theirs.len(), file.names().len());
                for name in file.names() {
                    let (ours, theirs) = (file.tensor(name).unwrap(), theirs.tensor(name).unwrap());
                    prop_assert_eq!((ours.bytes, ours.shape), (theirs.data(), theirs.shape()));
                    prop_assert_eq!(ours.dtype.name(), theirs.dtype().to_string());
                }
            }
            Err(error) => prop_assert!(error.to_string().starts_with("`net`: ")),
        }
        match caught(|| place::<12>("net", &bytes, &NET)) {
            Ok(placed) => {
                let judge = SafeTensors::deserialize(&bytes).unwrap();
                prop_assert_eq!(&placed[..8], judge.tensor("fc.weight").unwrap().data());
                prop_assert_eq!(&placed[8..], judge.tensor("fc.bias").unwrap().data());
            }
            Err(error) => prop_assert!(error.starts_with("`net`: "), "{}", error),
        }
    }
}
