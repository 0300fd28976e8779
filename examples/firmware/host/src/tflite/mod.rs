//! Networks in bytes from files of TensorFlow Lite: what they have learnt, for a network that is declared here.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use firmnet::int8::fill::Weights;
use firmnet::int8::{Network, Scale};
use firmnet::kernel::int8::recurrent::GATE;
use networks::tiny;

mod flatbuffer;
#[cfg(test)]
mod tests;

use flatbuffer::{Buffer, Table};

/// The networks that are declared here.
#[derive(Clone, Copy, ValueEnum)]
#[allow(missing_docs)]
pub enum Net {
    AutoEncoder,
    Keywords,
    MicroSpeech,
    MnistLstm,
    PersonDetect,
    ResNet8,
    Sine,
    WakeWords,
}

/// Writes what the file `from` has learnt for `net` to the safetensors file `to`.
pub fn convert(net: Net, from: &Path, to: &Path) -> Result<()> {
    let file = std::fs::read(from).with_context(|| format!("{} cannot be read", from.display()))?;
    match net {
        Net::AutoEncoder => read::<tiny::AutoEncoderInt8>(&file)?.save(to)?,
        Net::Keywords => read::<tiny::KeywordsInt8>(&file)?.save(to)?,
        Net::MicroSpeech => read::<tiny::MicroSpeechInt8>(&file)?.save(to)?,
        Net::MnistLstm => read::<tiny::MnistLstmInt8>(&file)?.save(to)?,
        Net::PersonDetect => read::<tiny::PersonDetectInt8>(&file)?.save(to)?,
        Net::ResNet8 => read::<tiny::ResNet8Int8>(&file)?.save(to)?,
        Net::Sine => read::<tiny::SineInt8>(&file)?.save(to)?,
        Net::WakeWords => read::<tiny::WakeWordsInt8>(&file)?.save(to)?,
    }
    Ok(())
}

/// The network `N` with the weights and scales of `file`, whose operators are those of `N` in the order of its `forward`.
pub fn read<N: Network>(file: &[u8]) -> Result<Box<N>> {
    let file = File::of(file).context("it is no file of TensorFlow Lite")?;
    let first = N::VALUES.len() - N::NODES.len();
    let mut scales = vec![None; N::VALUES.len()];
    let mut weights: Vec<Option<Weights>> = vec![None; N::NODES.len()];
    let kernels: Vec<usize> = (0..N::NODES.len()).filter(|&k| N::NODES[k].runs).collect();
    let operators: Vec<_> = file.operators.iter().filter(|op| op.code != RESHAPE).collect();
    ensure!(
        operators.len() == kernels.len(),
        "it has {} operators, and {} are declared",
        operators.len(),
        kernels.len()
    );
    for (operator, &k) in operators.iter().zip(&kernels) {
        let rows = <N::Float as firmnet::network::Network>::ROWS;
        let (name, kind) = (rows[k].name, rows[k].kind);
        let fits = match operator.code {
            ADD => kind == "Add",
            AVERAGE_POOL_2D => kind.ends_with("AvgPool2d"),
            CONV_2D | DEPTHWISE_CONV_2D => kind == "Conv2d",
            FULLY_CONNECTED => kind == "Linear",
            SOFTMAX => kind == "Softmax",
            UNIDIRECTIONAL_SEQUENCE_LSTM => kind == "LSTM",
            _ => false,
        };
        ensure!(
            fits,
            "operator {} of TensorFlow Lite stands where `{name}` is declared, a `{kind}`",
            operator.code
        );
        for (&tensor, &value) in operator.inputs.iter().zip(&N::NODES[k].inputs) {
            let quantised = operator.code == ADD || tensor == operator.inputs[0];
            if quantised {
                scales[N::VALUES[value].scale_of] = Some(file.scale(tensor)?);
            }
        }
        scales[N::VALUES[first + k].scale_of] = Some(file.scale(operator.output)?);
        if operator.code == UNIDIRECTIONAL_SEQUENCE_LSTM {
            weights[k] = Some(file.lstm(&operator.inputs)?);
        } else if let &[_, weight, bias] = &operator.inputs[..] {
            weights[k] = Some(file.weights(operator.code, weight, bias)?);
        }
    }
    let scales: Option<Vec<Scale>> = N::VALUES.iter().map(|value| scales[value.scale_of]).collect();
    let scales = scales.context("of a value it has no scale")?;
    let float = <N::Float as firmnet::network::Network>::boxed_zero();
    Ok(N::with(&float, scales, &|k| weights[k].clone()))
}

// Numbers of operators, as TensorFlow Lite's schema has them.
const ADD: i32 = 0;
const AVERAGE_POOL_2D: i32 = 1;
const CONV_2D: i32 = 3;
const DEPTHWISE_CONV_2D: i32 = 4;
const FULLY_CONNECTED: i32 = 9;
const RESHAPE: i32 = 22;
const SOFTMAX: i32 = 25;
const UNIDIRECTIONAL_SEQUENCE_LSTM: i32 = 44;

/// What the schema calls a model, of its first graph.
struct File<'a> {
    tensors: Vec<Table<'a>>,
    buffers: Vec<Table<'a>>,
    operators: Vec<Operator>,
}

struct Operator {
    code: i32,
    inputs: Vec<usize>,
    output: usize,
}

// The numbers of fields below are those of TensorFlow Lite's schema.
impl<'a> File<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let model = Buffer(bytes).root()?;
        let graph = model.tables(2)?.into_iter().next()?;
        // Since the numbers no longer fit a byte, they stand in a field of their own; the greater counts.
        let codes = model
            .tables(1)?
            .into_iter()
            .map(|code| code.int(3).unwrap_or(0).max(i32::from(code.byte(0).unwrap_or(0))));
        let codes: Vec<i32> = codes.collect();
        let operators = graph.tables(3)?.into_iter().map(|operator| {
            let number = |i: &i32| usize::try_from(*i).ok();
            Some(Operator {
                code: *codes.get(usize::try_from(operator.int(0).unwrap_or(0)).ok()?)?,
                inputs: operator.ints(1)?.iter().filter_map(number).collect(),
                output: operator.ints(2)?.first().and_then(number)?,
            })
        });
        Some(File {
            tensors: graph.tables(0)?,
            buffers: model.tables(4)?,
            operators: operators.collect::<Option<_>>()?,
        })
    }

    fn tensor(&self, i: usize) -> Result<Tensor<'_>> {
        let read = || {
            let tensor = self.tensors.get(i)?;
            let quantisation = tensor.table(4)?;
            let buffer = self.buffers.get(usize::try_from(tensor.int(2).unwrap_or(0)).ok()?)?;
            Some(Tensor {
                shape: tensor.ints(0)?,
                scales: quantisation.floats(2)?,
                zeros: quantisation.longs(3)?,
                data: buffer.bytes(0).unwrap_or_default(),
            })
        };
        read().with_context(|| format!("tensor {i} is damaged"))
    }

    fn scale(&self, i: usize) -> Result<Scale> {
        let Tensor { scales, zeros, .. } = self.tensor(i)?;
        let (&[scale], &[zero]) = (&scales[..], &zeros[..]) else {
            bail!("tensor {i} has not one scale")
        };
        Ok(Scale { scale, zero: zero.try_into()? })
    }

    fn weights(&self, code: i32, weight: usize, bias: usize) -> Result<Weights> {
        let Tensor { shape, scales, data, .. } = self.tensor(weight)?;
        let mut weight: Vec<i8> = data.iter().map(|&byte| byte as i8).collect();
        if code == DEPTHWISE_CONV_2D {
            // From [1][height][width][channel].
            let channels = *shape.last().context("a weight has axes")? as usize;
            let of_channel = |c: usize| weight.iter().skip(c).step_by(channels).copied();
            weight = (0..channels).flat_map(of_channel).collect();
        }
        Ok(Weights { weight, bias: self.words(bias)?, scale: scales })
    }

    /// Those of an LSTM: its gates i, f, g, o for what comes in, then for the last step, each with one scale.
    fn lstm(&self, inputs: &[usize]) -> Result<Weights> {
        let &[_, ref weights @ .., _, cell] = inputs else { bail!("an LSTM has no inputs") };
        let Some((gates, biases)) = weights.split_at_checked(8) else {
            bail!("an LSTM has not eight weights")
        };
        let scale = self.scale(cell)?.scale;
        ensure!(scale == GATE, "the cell of an LSTM has the scale {scale}, and here it has {GATE}");
        let mut all = Weights { weight: vec![], bias: vec![], scale: vec![] };
        for &gate in gates {
            let Tensor { shape, data, .. } = self.tensor(gate)?;
            let rows = *shape.first().context("a weight has axes")? as usize;
            all.weight.extend(data.iter().map(|&byte| byte as i8));
            all.scale.extend(std::iter::repeat_n(self.scale(gate)?.scale, rows));
        }
        for &bias in biases {
            all.bias.extend(self.words(bias)?);
        }
        // For the last step there is none.
        all.bias.resize(all.scale.len(), 0);
        Ok(all)
    }

    fn words(&self, i: usize) -> Result<Vec<i32>> {
        let words = self.tensor(i)?.data.as_chunks().0.iter();
        Ok(words.map(|&word| i32::from_le_bytes(word)).collect())
    }
}

struct Tensor<'a> {
    shape: Vec<i32>,
    scales: Vec<f32>,
    zeros: Vec<i64>,
    data: &'a [u8],
}
