//! burn, with its backend flex, on the workloads; `compare.py` talks to it.

#[path = "../../../work/numbers.rs"]
mod numbers;
#[path = "../../protocol.rs"]
mod protocol;
mod training;

use burn::module::{Module, Param, RunningState};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::{BinaryCrossEntropyLossConfig, CrossEntropyLossConfig, MseLoss, Reduction};
use burn::nn::pool::MaxPool2dConfig;
use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderLayer};
use burn::nn::{
    BatchNorm, BatchNormConfig, DropoutConfig, Embedding, EmbeddingConfig, GateController,
    LayerNorm, LayerNormConfig, Linear, Lstm, LstmConfig, LstmState, PaddingConfig2d,
};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::{leaky_relu, log_softmax, relu, tanh};
use burn::tensor::{Device, Distribution, Int, Tensor, TensorData};
use numbers::{classes, numbers, parameter, words};
use protocol::{Runs, Timed, serve};
use training::{Step, Training};

/// Images in a batch.
const IMAGES: usize = 64;
const RATE: f64 = 1e-3;

fn main() {
    serve(make);
}

fn make(name: &str) -> Option<Box<dyn Timed>> {
    let device = &Device::flex();
    let training = |make| -> Option<Box<dyn Timed>> { Some(Box::new(Training(make))) };
    match name {
        "w1a" => {
            let (net, x) = (Controller::new(device), floats([1, 16], 1, device));
            Some(inference(move || net.forward(x.clone())))
        }
        "w1b" => {
            let (net, x) = (Mlp::new(device), floats([1, 784], 1, device));
            Some(inference(move || net.forward(x.clone())))
        }
        "w2-inference-1" | "w2-inference-64" => {
            let n = if name.ends_with("-1") { 1 } else { IMAGES };
            let (net, x) = (MnistCnn::new(device), floats([n, 1, 28, 28], 1, device));
            Some(inference(move || log_softmax(net.forward(x.clone(), false), 1)))
        }
        "w2-training" => training(images),
        "w3-inference" => {
            let (net, words) = (Tagger::new(device), sentence(device));
            Some(inference(move || net.forward(words.clone())))
        }
        "w3-training" => training(sentences),
        "w4-training" => training(gan),
        "w5" => Some(Box::new(audio(device))),
        "w6-inference" => {
            let (net, x) = (transformer(device), floats([1, 64, 64], 1, device));
            Some(inference(move || net.forward(x.clone(), None, None)))
        }
        "w6-training" => training(series),
        "w8" => {
            let (net, x) = (ResNet8::new(device), floats([1, 3, 32, 32], 1, device));
            Some(inference(move || net.forward(x.clone())))
        }
        _ => None,
    }
}

fn inference<const D: usize>(pass: impl Fn() -> Tensor<D> + 'static) -> Box<dyn Timed> {
    Box::new(Runs { checked: 1, run: move || flat(pass()) })
}

#[derive(Module, Debug)]
struct Controller {
    layers: [Linear; 3],
}

impl Controller {
    fn new(device: &Device) -> Self {
        let sizes = [("fc1", 16, 32), ("fc2", 32, 32), ("fc3", 32, 4)];
        Controller { layers: sizes.map(|(name, ins, outs)| linear(name, ins, outs, device)) }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let [fc1, fc2, fc3] = &self.layers;
        fc3.forward(tanh(fc2.forward(tanh(fc1.forward(x)))))
    }
}

#[derive(Module, Debug)]
struct Mlp {
    fc1: Linear,
    fc2: Linear,
}

impl Mlp {
    fn new(device: &Device) -> Self {
        Mlp { fc1: linear("fc1", 784, 128, device), fc2: linear("fc2", 128, 10, device) }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.fc2.forward(relu(self.fc1.forward(x)))
    }
}

/// W2, up to the logits.
#[derive(Module, Debug)]
struct MnistCnn {
    conv1: Conv2d,
    conv2: Conv2d,
    fc1: Linear,
    fc2: Linear,
}

impl MnistCnn {
    fn new(device: &Device) -> Self {
        MnistCnn {
            conv1: conv("conv1", [1, 32], 3, 1, 0, true, device),
            conv2: conv("conv2", [32, 64], 3, 1, 0, true, device),
            fc1: linear("fc1", 9216, 128, device),
            fc2: linear("fc2", 128, 10, device),
        }
    }

    fn forward(&self, x: Tensor<4>, dropout: bool) -> Tensor<2> {
        let pool = MaxPool2dConfig::new([2, 2]).init();
        let mut x = pool.forward(relu(self.conv2.forward(relu(self.conv1.forward(x)))));
        if dropout {
            let [n, channels, ..] = x.dims();
            let kept = Distribution::Bernoulli(0.75);
            x = x.clone() * Tensor::random([n, channels, 1, 1], kept, &x.device()) / 0.75;
        }
        let mut x = relu(self.fc1.forward(x.flatten(1, 3)));
        if dropout {
            x = DropoutConfig::new(0.5).init().forward(x);
        }
        self.fc2.forward(x)
    }
}

#[derive(Module, Debug)]
struct Tagger {
    embedding: Embedding,
    lstm: Lstm,
    hidden2tag: Linear,
}

impl Tagger {
    fn new(device: &Device) -> Self {
        let mut embedding = EmbeddingConfig::new(5000, 64).init(device);
        embedding.weight = given("embedding.weight", [5000, 64], device);
        let (lstm, hidden2tag) = (lstm(64, 128, device), linear("hidden2tag", 128, 17, device));
        Tagger { embedding, lstm, hidden2tag }
    }

    fn forward(&self, words: Tensor<2, Int>) -> Tensor<3> {
        self.hidden2tag.forward(self.lstm.forward(self.embedding.forward(words), None).0)
    }
}

/// W4: either of the two.
#[derive(Module, Debug)]
struct TwoLayers {
    fc1: Linear,
    fc2: Linear,
}

impl TwoLayers {
    fn new(sizes: [usize; 3], device: &Device) -> Self {
        let [ins, middle, outs] = sizes;
        TwoLayers {
            fc1: linear("fc1", ins, middle, device),
            fc2: linear("fc2", middle, outs, device),
        }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.fc2.forward(leaky_relu(self.fc1.forward(x), 0.2))
    }
}

/// W6.
fn transformer(device: &Device) -> TransformerEncoderLayer {
    let config = TransformerEncoderConfig::new(64, 256, 4, 1).with_dropout(0.0);
    let mut layer = TransformerEncoderLayer::new(&config.with_norm_first(true), device);
    // PyTorch has the three projections in one.
    let (weight, bias) = ("layer.self_attn.in_proj_weight", "layer.self_attn.in_proj_bias");
    let (weight, bias) = (parameter(weight, &[192, 64]), parameter(bias, &[192]));
    let part =
        |i: usize| of(&weight[4096 * i..][..4096], Some(&bias[64 * i..][..64]), [64, 64], device);
    (layer.mha.query, layer.mha.key, layer.mha.value) = (part(0), part(1), part(2));
    layer.mha.output = linear("layer.self_attn.out_proj", 64, 64, device);
    layer.pwff.linear_inner = linear("layer.linear1", 64, 256, device);
    layer.pwff.linear_outer = linear("layer.linear2", 256, 64, device);
    // burn counts the norms the other way.
    layer.norm_2 = norm("layer.norm1", device);
    layer.norm_1 = norm("layer.norm2", device);
    layer
}

#[derive(Module, Debug)]
struct ResNet8 {
    first: Convolution,
    blocks: [Block; 3],
    fc: Linear,
}

impl ResNet8 {
    fn new(device: &Device) -> Self {
        ResNet8 {
            first: Convolution::new(["conv", "bn"], [3, 16], 3, 1, device),
            blocks: [
                Block::new("block", [16, 16], 1, device),
                Block::new("down1", [16, 32], 2, device),
                Block::new("down2", [32, 64], 2, device),
            ],
            fc: linear("fc", 64, 10, device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let first = relu(self.first.forward(x));
        let x = self.blocks.iter().fold(first, |x, block| block.forward(x));
        self.fc.forward(x.mean_dim(2).mean_dim(3).flatten(1, 3))
    }
}

/// A convolution and its batch norm.
#[derive(Module, Debug)]
struct Convolution {
    conv: Conv2d,
    norm: BatchNorm,
}

impl Convolution {
    fn new(
        [name, norm]: [&str; 2],
        channels: [usize; 2],
        size: usize,
        stride: usize,
        device: &Device,
    ) -> Self {
        let mut batch_norm = BatchNormConfig::new(channels[1]).init(device);
        let of = |what: &str| parameter(&format!("{norm}.{what}"), &[channels[1]]);
        let tensor = |what| Tensor::from_data(TensorData::new(of(what), [channels[1]]), device);
        (batch_norm.gamma, batch_norm.beta) =
            (Param::from_tensor(tensor("weight")), Param::from_tensor(tensor("bias")));
        batch_norm.running_mean = RunningState::new(tensor("running_mean"));
        batch_norm.running_var = RunningState::new(tensor("running_var"));
        let conv = conv(name, channels, size, stride, size / 2, false, device);
        Convolution { conv, norm: batch_norm }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.norm.forward(self.conv.forward(x))
    }
}

#[derive(Module, Debug)]
struct Block {
    convolutions: [Convolution; 2],
    shortcut: Option<Convolution>,
}

impl Block {
    fn new(name: &str, channels: [usize; 2], stride: usize, device: &Device) -> Self {
        let of = |conv, norm, channels, size, stride| {
            let names = [conv, norm].map(|part| format!("{name}.{part}"));
            Convolution::new(names.each_ref().map(|name| &**name), channels, size, stride, device)
        };
        Block {
            convolutions: [
                of("conv1", "bn1", channels, 3, stride),
                of("conv2", "bn2", [channels[1]; 2], 3, 1),
            ],
            shortcut: (stride > 1).then(|| of("shortcut", "bn3", channels, 1, stride)),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [first, second] = &self.convolutions;
        let y = second.forward(relu(first.forward(x.clone())));
        relu(y + self.shortcut.as_ref().map_or_else(|| x.clone(), |conv| conv.forward(x.clone())))
    }
}

/// W5: a sample of audio goes in, and the state is kept.
fn audio(device: &Device) -> Runs<impl FnMut() -> Vec<f32> + use<>> {
    let (lstm, out) = (lstm(1, 20, device), linear("out", 20, 1, device));
    let sample = |x| Tensor::<3>::from_data(TensorData::new(vec![x], [1, 1, 1]), device);
    let samples: Vec<_> = numbers(1024, 1).into_iter().map(sample).collect();
    let (mut state, mut next) = (None::<LstmState<2>>, 0);
    let run = move || {
        let (y, new) = lstm.forward(samples[next].clone(), state.take());
        (state, next) = (Some(new), (next + 1) % samples.len());
        flat(out.forward(y))
    };
    Runs { checked: 64, run }
}

fn images(dropout: bool) -> Step {
    let device = Device::flex().autodiff();
    let (x, target) = (floats([IMAGES, 1, 28, 28], 1, &device), targets(IMAGES, &device));
    let loss = CrossEntropyLossConfig::new().init(&device);
    trained(MnistCnn::new(&device), move |net| {
        loss.forward(net.forward(x.clone(), dropout), target.clone())
    })
}

fn sentences(_: bool) -> Step {
    let device = Device::flex().autodiff();
    let (words, target) = (sentence(&device), targets(30, &device));
    let loss = CrossEntropyLossConfig::new().init(&device);
    trained(Tagger::new(&device), move |net| {
        loss.forward(net.forward(words.clone()).squeeze_dim(0), target.clone())
    })
}

fn series(_: bool) -> Step {
    let device = Device::flex().autodiff();
    let [x, target] = [1, 2].map(|seed| floats([1, 64, 64], seed, &device));
    trained(transformer(&device), move |net| {
        MseLoss::new().forward(net.forward(x.clone(), None, None), target.clone(), Reduction::Mean)
    })
}

/// Steps of Adam with what `loss` says of the network.
fn trained<M: Module + 'static>(net: M, loss: impl Fn(&M) -> Tensor<1> + 'static) -> Step {
    let (mut net, mut adam) = (Some(net), adam());
    Box::new(move || {
        let learner = net.take().expect("a network");
        let loss = loss(&learner);
        let gradients = GradientsParams::from_grads(loss.backward(), &learner);
        net = Some(adam.step(RATE, learner, gradients));
        flat(loss)
    })
}

/// W4: a step of the discriminator, and one of the generator.
fn gan(_: bool) -> Step {
    let device = Device::flex().autodiff();
    let [g, d] = [[10, 256, 784], [784, 256, 1]].map(|sizes| TwoLayers::new(sizes, &device));
    let (mut nets, mut adam_g, mut adam_d) = (Some((g, d)), adam(), adam());
    let noise = floats([IMAGES, 10], 2, &device);
    let real = floats([2 * IMAGES, 784], 1, &device).narrow(0, 0, IMAGES);
    let ones = Tensor::<2, Int>::ones([IMAGES, 1], &device);
    let are_real = Tensor::cat(vec![ones.clone(), ones.zeros_like()], 0);
    let loss = BinaryCrossEntropyLossConfig::new().with_logits(true).init(&device);
    Box::new(move || {
        let (g, d) = nets.take().expect("two networks");
        let fake = tanh(g.forward(noise.clone()));
        let both = d.forward(Tensor::cat(vec![real.clone(), fake.clone().detach()], 0));
        let of_d = loss.forward(both, are_real.clone());
        let gradients = GradientsParams::from_grads(of_d.backward(), &d);
        let d = adam_d.step(RATE, d, gradients);
        let of_g = loss.forward(d.forward(fake), ones.clone());
        let gradients = GradientsParams::from_grads(of_g.backward(), &g);
        nets = Some((adam_g.step(RATE, g, gradients), d));
        [flat(of_d), flat(of_g)].concat()
    })
}

/// PyTorch's Adam.
fn adam() -> ModuleOptimizer {
    AdamConfig::new().with_epsilon(1e-8).init()
}

fn linear(name: &str, ins: usize, outs: usize, device: &Device) -> Linear {
    let weight = parameter(&format!("{name}.weight"), &[outs, ins]);
    let bias = parameter(&format!("{name}.bias"), &[outs]);
    of(&weight, Some(&bias), [ins, outs], device)
}

/// A layer with PyTorch's weight, which is burn's turned round.
fn of(weight: &[f32], bias: Option<&[f32]>, [ins, outs]: [usize; 2], device: &Device) -> Linear {
    let turned = (0..ins * outs).map(|i| weight[i % outs * ins + i / outs]).collect();
    let tensor = |numbers| Tensor::from_data(TensorData::new(numbers, [outs]), device);
    Linear {
        weight: Param::from_tensor(Tensor::from_data(TensorData::new(turned, [ins, outs]), device)),
        bias: bias.map(|bias| Param::from_tensor(tensor(bias.to_vec()))),
    }
}

fn conv(
    name: &str,
    channels: [usize; 2],
    size: usize,
    stride: usize,
    padding: usize,
    bias: bool,
    device: &Device,
) -> Conv2d {
    let config = Conv2dConfig::new(channels, [size, size])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(padding, padding, padding, padding));
    let mut conv = config.with_bias(bias).init(device);
    conv.weight = given(&format!("{name}.weight"), [channels[1], channels[0], size, size], device);
    conv.bias = bias.then(|| given(&format!("{name}.bias"), [channels[1]], device));
    conv
}

/// An LSTM, whose gates are rows of PyTorch's weights: those of the input, the forget, the cell and the output gate.
fn lstm(ins: usize, hidden: usize, device: &Device) -> Lstm {
    let tensor = |name: &str, dims: &[usize]| parameter(&format!("lstm.{name}_l0"), dims);
    let (ih, hh) =
        (tensor("weight_ih", &[4 * hidden, ins]), tensor("weight_hh", &[4 * hidden, hidden]));
    let (bias_ih, bias_hh) = (tensor("bias_ih", &[4 * hidden]), tensor("bias_hh", &[4 * hidden]));
    let gate = |i: usize| {
        let rows = |all: &[f32], width: usize| all[i * hidden * width..][..hidden * width].to_vec();
        GateController {
            input_transform: of(&rows(&ih, ins), Some(&rows(&bias_ih, 1)), [ins, hidden], device),
            hidden_transform: of(&rows(&hh, hidden), Some(&rows(&bias_hh, 1)), [hidden; 2], device),
        }
    };
    let mut lstm = LstmConfig::new(ins, hidden, true).init(device);
    (lstm.input_gate, lstm.forget_gate) = (gate(0), Some(gate(1)));
    (lstm.cell_gate, lstm.output_gate) = (gate(2), gate(3));
    lstm
}

fn norm(name: &str, device: &Device) -> LayerNorm {
    let mut norm = LayerNormConfig::new(64).init(device);
    norm.gamma = given(&format!("{name}.weight"), [64], device);
    norm.beta = Some(given(&format!("{name}.bias"), [64], device));
    norm
}

/// The numbers of [`parameter`].
fn given<const D: usize>(name: &str, dims: [usize; D], device: &Device) -> Param<Tensor<D>> {
    Param::from_tensor(Tensor::from_data(TensorData::new(parameter(name, &dims), dims), device))
}

fn sentence(device: &Device) -> Tensor<2, Int> {
    Tensor::from_data(TensorData::new(words().map(|word| word as i32).to_vec(), [1, 30]), device)
}

fn targets(count: usize, device: &Device) -> Tensor<1, Int> {
    let classes: Vec<_> = classes(count).into_iter().map(i32::from).collect();
    Tensor::from_data(TensorData::new(classes, [count]), device)
}

fn floats<const D: usize>(shape: [usize; D], seed: u32, device: &Device) -> Tensor<D> {
    let numbers = numbers(shape.iter().product(), seed);
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

fn flat<const D: usize>(y: Tensor<D>) -> Vec<f32> {
    y.into_data().try_to_vec().expect("floats")
}
