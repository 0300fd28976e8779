//! The test vectors that ONNX's authors have published, through the layers, losses and optimizers that do the same.
//!
//! A network is declared for each (cases.rs and operators.rs, which generate.py writes); the numbers are read where they are at hand. ONNX's axis 0 is
//! the batch, and parameters are brought into PyTorch's layout first, as anybody has to who loads them.

mod cases;
mod losses;
mod operators;
mod optimizers;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

use firmnet::io::safetensors::File;
use firmnet::prelude::*;
use serde_json::Value;

use super::net::{self, In, Out};
use super::published;

/// One published vector, and what is here for it.
struct Case {
    name: &'static str,
    operator: &'static str,
    by: By,
}

enum By {
    /// A network.
    Net { net: fn() -> Run, written: &'static str, n: usize, wires: Wires },
    /// Nothing, for this reason.
    Nobody(&'static str),
}

/// A network in use, or one that takes a step in training first.
enum Run {
    Used(Box<dyn net::Used>),
    Trained(Box<dyn net::Net>),
}

/// Which published tensors go where.
struct Wires {
    inputs: Vec<Source>,
    /// By the name of the network's tensor.
    parameters: Vec<(&'static str, Source)>,
    outputs: Vec<&'static str>,
    /// What a tensor of the network is afterwards.
    after: Vec<(&'static str, &'static str)>,
}

fn used<N: Network<Input: In, Output: Out>>() -> Run {
    Run::Used(net::used::<N>())
}

fn trained<N: Network<Input: In, Output: Out>>() -> Run {
    Run::Trained(net::net::<N>())
}

macro_rules! case {
    ($name:literal $operator:literal not_applicable $why:literal) => {
        Case { name: $name, operator: $operator, by: By::Nobody($why) }
    };
    ($name:literal $operator:literal $how:ident $n:literal:
        ($($x:ident: [$($from:literal),*] = $input:expr),*) -> ($([$($to:literal),*] = $output:literal),*)
        { $($layers:tt)* } { $($body:tt)* }
        $(with { $($parameter:literal = $value:expr),* })? $(then { $($tensor:literal = $after:literal),* })?
    ) => {{
        network! {
            struct Net { $($layers)* }
            fn forward($($x: [$($from),*]),*) -> ($([$($to),*]),*) { $($body)* }
        }
        let wires = Wires {
            inputs: vec![$($input),*],
            parameters: vec![$($(($parameter, $value)),*)?],
            outputs: vec![$($output),*],
            after: vec![$($(($tensor, $after)),*)?],
        };
        let written = concat!(stringify!($($layers)*), " ", stringify!($($body)*));
        Case { name: $name, operator: $operator, by: By::Net { net: $how::<Net>, written, n: $n, wires } }
    }};
}
use case;

/// A published tensor, and how it is brought into our layout.
#[derive(Clone, Copy)]
struct Source {
    name: &'static str,
    columns: usize,
    factor: f32,
    len: usize,
    identities: &'static [f32],
    /// Which of how many parts.
    part: (usize, usize),
    blocks: &'static [usize],
    ids: bool,
}

/// As it is.
fn tensor(name: &'static str) -> Source {
    Source {
        name,
        columns: 1,
        factor: 1.0,
        len: 0,
        identities: &[],
        part: (0, 1),
        blocks: &[0],
        ids: false,
    }
}

/// No published tensor: identity matrices of so many columns, one below the other, times these factors.
fn identity(columns: usize, factors: &'static [f32]) -> Source {
    Source { columns, identities: factors, ..tensor("") }
}

impl Source {
    /// Rows of so many columns become columns.
    fn transposed(self, columns: usize) -> Self {
        Source { columns, ..self }
    }
    /// Every number times this.
    fn times(self, factor: f32) -> Self {
        Source { factor, ..self }
    }
    /// One number as often as needed.
    fn filling(self, len: usize) -> Self {
        Source { len, ..self }
    }

    /// Part `i` of `count` equal ones.
    fn part(self, i: usize, count: usize) -> Self {
        Source { part: (i, count), ..self }
    }
    /// Equal blocks in another order, as of gates.
    fn blocks(self, blocks: &'static [usize]) -> Self {
        Source { blocks, ..self }
    }
    /// Whole numbers as ids, which travel by their bits.
    fn ids(self) -> Self {
        Source { ids: true, ..self }
    }

    fn read(self, vector: &Vector) -> Vec<f32> {
        if !self.identities.is_empty() {
            let rows = self
                .identities
                .iter()
                .flat_map(|&factor| (0..self.columns).map(move |row| (factor, row)));
            return rows
                .flat_map(|(factor, row)| {
                    (0..self.columns).map(move |at| if at == row { factor } else { 0.0 })
                })
                .collect();
        }
        let numbers = vector.numbers(self.name);
        if self.ids {
            return numbers.iter().map(|&id| f32::from_bits(id as u32)).collect();
        }
        let len = numbers.len() / self.part.1;
        let part = &numbers[self.part.0 * len..][..len];
        let block = len / self.blocks.len();
        let blocks = self.blocks.iter().flat_map(|&i| &part[i * block..][..block]);
        let numbers: Vec<f32> = blocks.copied().collect();
        let rows = numbers.len() / self.columns;
        let at = |i: usize| numbers[i % rows * self.columns + i / rows] * self.factor;
        let turned: Vec<f32> = (0..numbers.len()).map(at).collect();
        if turned.len() == 1 && self.len > 1 { vec![turned[0]; self.len] } else { turned }
    }
}

/// A published vector: what its graph is, and its tensors.
struct Vector<'a> {
    test: &'a Value,
    tensors: &'a File,
}

impl Vector<'_> {
    fn name(&self) -> &str {
        self.test["name"].as_str().unwrap()
    }

    /// Its one node.
    fn node(&self) -> &Value {
        &self.test["nodes"][0]
    }

    fn operators(&self) -> impl Iterator<Item = &str> {
        self.test["nodes"].as_array().unwrap().iter().map(|node| node["op"].as_str().unwrap())
    }

    fn attribute(&self, name: &str) -> Option<&Value> {
        self.node()["attributes"].get(name)
    }

    fn number(&self, attribute: &str) -> f32 {
        self.attribute(attribute).and_then(Value::as_f64).expect(attribute) as f32
    }

    /// The name of input `i` of the node, if it is there.
    fn input(&self, i: usize) -> Option<&str> {
        self.node()["inputs"].get(i).and_then(Value::as_str).filter(|name| !name.is_empty())
    }

    /// The names of what comes out.
    fn outputs(&self) -> Vec<&str> {
        let outputs = self.test["outputs"].as_array().unwrap();
        outputs.iter().map(|name| name.as_str().unwrap()).collect()
    }

    fn shape(&self, tensor: &str) -> &[usize] {
        self.tensors.tensor(&format!("{}/{tensor}", self.name())).unwrap().shape
    }

    /// The numbers of a tensor, whatever their type.
    fn numbers(&self, tensor: &str) -> Vec<f32> {
        let view = self.tensors.tensor(&format!("{}/{tensor}", self.name())).unwrap();
        match view.floats() {
            Some(floats) => floats.to_vec(),
            None => {
                whole_numbers(view.bytes, view.bytes.len() / view.shape.iter().product::<usize>())
                    .map(|number| number as f32)
                    .collect()
            }
        }
    }

    /// The whole numbers of a tensor.
    fn indices(&self, tensor: &str) -> Vec<i64> {
        let view = self.tensors.tensor(&format!("{}/{tensor}", self.name())).unwrap();
        whole_numbers(view.bytes, view.bytes.len() / view.shape.iter().product::<usize>()).collect()
    }

    /// Compares with what is published, within the tolerance that is published: how much of it is used up.
    fn compare(&self, found: &[f32], tensor: &str) -> Result<f64, String> {
        let expected = self.numbers(tensor);
        if found.len() != expected.len() {
            return Err(format!("{} numbers, not {}", found.len(), expected.len()));
        }
        let [rtol, atol] = ["rtol", "atol"].map(|key| self.test[key].as_f64().unwrap());
        let mut worst = 0.0;
        for (i, (&found, &expected)) in found.iter().zip(&expected).enumerate() {
            let (found, expected) = (f64::from(found), f64::from(expected));
            let used = (found - expected).abs() / (atol + rtol * expected.abs());
            if found != expected && (used > 1.0 || used.is_nan()) {
                return Err(format!("{tensor}[{i}] is {found}, not {expected}"));
            }
            worst = if found == expected { worst } else { f64::max(worst, used) };
        }
        Ok(worst)
    }
}

/// Little-endian numbers of one byte (without a sign), of four or of eight.
fn whole_numbers(bytes: &[u8], size: usize) -> impl Iterator<Item = i64> {
    assert!(matches!(size, 1 | 4 | 8), "whole numbers of {size} bytes");
    bytes.chunks_exact(size).map(move |bytes| match size {
        1 => i64::from(bytes[0]),
        4 => i64::from(i32::from_le_bytes(bytes.try_into().unwrap())),
        _ => i64::from_le_bytes(bytes.try_into().unwrap()),
    })
}

/// What became of a vector.
enum Outcome {
    /// How much of the tolerance was used up, by what, and which outputs nothing here gives.
    Passed {
        used: f64,
        by: String,
        without: Vec<String>,
    },
    NotApplicable(String),
    Failed(String),
}

#[test]
fn published_vectors_pass() {
    let Some(folder) = published::folder("onnx-vectors") else { return };
    let text = std::fs::read_to_string(folder.join("vectors.json")).unwrap();
    let tests: Vec<Value> = serde_json::from_str(&text).unwrap();
    let packed = std::fs::read(folder.join("vectors.safetensors.gz")).unwrap();
    let mut bytes = vec![];
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
    let tensors = File::from_bytes("vectors.safetensors", bytes).unwrap();

    let mut cases: BTreeMap<&str, Case> =
        cases::cases().into_iter().map(|case| (case.name, case)).collect();
    let known: BTreeSet<&str> = operators::OPERATORS.iter().copied().collect();
    let (mut passed, mut not_applicable, mut failed) = (0, 0, vec![]);
    for test in &tests {
        let vector = Vector { test, tensors: &tensors };
        if !vector.operators().any(|operator| known.contains(operator)) {
            continue;
        }
        let outcome = losses::judge(&vector).or_else(|| optimizers::judge(&vector));
        let outcome = outcome.unwrap_or_else(|| match cases.remove(vector.name()) {
            Some(case) => case.judge(&vector),
            None => Outcome::Failed("nobody has declared it: run generate.py".into()),
        });
        let operators = vector.operators().collect::<Vec<_>>().join(" ");
        let said = match outcome {
            Outcome::Passed { used, by, without } => {
                passed += 1;
                let without = match &without[..] {
                    [] => String::new(),
                    without => format!(", without {}", without.join(", ")),
                };
                format!("passed ({:.1} % of the tolerance) by {by}{without}", 100.0 * used)
            }
            Outcome::NotApplicable(why) => {
                not_applicable += 1;
                format!("not applicable: {why}")
            }
            Outcome::Failed(why) => {
                failed.push(format!("{}: {why}", vector.name()));
                format!("FAILED: {why}")
            }
        };
        println!("{:<48} {operators:<28} {said}", vector.name());
    }
    let word = format!(
        "onnx-vectors: {passed} passed, {not_applicable} not applicable, {} failed (--nocapture: each of them)\n",
        failed.len()
    );
    std::io::stderr().write_all(word.as_bytes()).unwrap();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(cases.is_empty(), "declared, but not published: {:?}", cases.keys());
}

impl Case {
    fn judge(self, vector: &Vector) -> Outcome {
        let operators = vector.operators().collect::<Vec<_>>().join(" ");
        assert_eq!(operators, self.operator, "{}: run generate.py", self.name);
        match self.by {
            By::Nobody(why) => Outcome::NotApplicable(why.into()),
            By::Net { net, written, n, wires } => match wires.run(net(), n, vector) {
                Err(why) => Outcome::Failed(why),
                Ok(used) => {
                    let checked: BTreeSet<_> =
                        wires.outputs.iter().chain(wires.after.iter().map(|(_, y)| y)).collect();
                    let mut outputs = vector.outputs();
                    outputs.retain(|y| !checked.contains(y));
                    let without = outputs.into_iter().map(String::from).collect();
                    Outcome::Passed { used, by: written.trim().into(), without }
                }
            },
        }
    }
}

impl Wires {
    /// The most that was used of the tolerance.
    fn run(&self, mut run: Run, n: usize, vector: &Vector) -> Result<f64, String> {
        let net: &mut dyn net::Used = match &mut run {
            Run::Used(net) => &mut **net,
            Run::Trained(net) => &mut **net,
        };
        let find = |name: &str, names: &[&str]| names.iter().position(|other| *other == name);
        let names = net.names();
        assert_eq!(names.len(), self.parameters.len(), "{}: {names:?}", vector.name());
        for (name, source) in &self.parameters {
            net.tensor(find(name, &names).expect(name)).copy_from_slice(&source.read(vector));
        }
        let x: Vec<_> = self.inputs.iter().map(|source| source.read(vector)).collect();
        let y = match &mut run {
            Run::Used(net) => net.forward(n, &x),
            Run::Trained(net) => {
                let no_loss = vec![0.0; vector.numbers(self.outputs[0]).len()];
                vec![net.train(&x, &no_loss).y]
            }
        };
        let mut worst = 0.0;
        for (y, name) in y.iter().zip(&self.outputs) {
            worst = f64::max(worst, vector.compare(y, name)?);
        }
        if let Run::Trained(net) = &mut run {
            for (name, expected) in &self.after {
                let found = net.tensor(find(name, &names).expect(name));
                worst = f64::max(worst, vector.compare(found, expected)?);
            }
        }
        Ok(worst)
    }
}
