//! candle on the workloads; `compare.py` talks to it.

#[path = "../../../work/numbers.rs"]
mod numbers;
#[path = "../../protocol.rs"]
mod protocol;
mod training;

use std::collections::HashMap;

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::loss::{binary_cross_entropy_with_logit, cross_entropy, mse, nll};
use candle_nn::ops::{
    dropout, layer_norm_slow, leaky_relu, log_softmax, softmax, softmax_last_dim,
};
use candle_nn::{
    AdamW, BatchNorm, Conv2d, Conv2dConfig, LSTMConfig, LayerNorm, Linear, Module, ModuleT,
    Optimizer, ParamsAdamW, RNN, VarBuilder, VarMap, batch_norm, conv2d, conv2d_no_bias, embedding,
    layer_norm, linear, lstm, rnn::LSTMState,
};
use numbers::{classes, numbers, parameter, words};
use protocol::{Runs, Timed, serve};
use training::{Step, Training};

/// Images in a batch.
const IMAGES: usize = 64;

fn main() {
    serve(|name| make(name).expect("candle"));
}

fn make(name: &str) -> Result<Option<Box<dyn Timed>>> {
    let training = |make| -> Result<Option<Box<dyn Timed>>> { Ok(Some(Box::new(Training(make)))) };
    let (model, x): (Build, _) = match name {
        "w1a" => (controller, floats(&[1, 16], 1)?),
        "w1b" => (mlp, floats(&[1, 784], 1)?),
        "w2-inference-1" => (mnist_cnn, floats(&[1, 1, 28, 28], 1)?),
        "w2-inference-64" => (mnist_cnn, floats(&[IMAGES, 1, 28, 28], 1)?),
        "w2-training" => return training(images),
        "w3-inference" => (tagger, sentence()?),
        "w3-training" => return training(sentences),
        "w4-training" => return training(gan),
        "w5" => return Ok(Some(Box::new(audio()?))),
        "w6-inference" => (transformer, floats(&[1, 64, 64], 1)?),
        "w6-training" => return training(series),
        "w8" => (resnet8, floats(&[1, 3, 32, 32], 1)?),
        _ => return Ok(None),
    };
    let model = fixed(model)?;
    let run = move || model(&x, Mode::Use).and_then(|y| flat(&y)).expect("a pass");
    Ok(Some(Box::new(Runs { checked: 1, run })))
}

/// What a network is run for.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Use,
    /// Training without dropout.
    Check,
    Training,
}

impl Mode {
    fn of(dropout: bool) -> Mode {
        if dropout { Mode::Training } else { Mode::Check }
    }
}

type Model = Box<dyn Fn(&Tensor, Mode) -> Result<Tensor>>;
type Build = fn(VarBuilder<'_>) -> Result<Model>;

fn controller(vb: VarBuilder<'_>) -> Result<Model> {
    let fc1 = linear(16, 32, vb.pp("fc1"))?;
    let fc2 = linear(32, 32, vb.pp("fc2"))?;
    let fc3 = linear(32, 4, vb.pp("fc3"))?;
    Ok(Box::new(move |x, _| fc3.forward(&fc2.forward(&fc1.forward(x)?.tanh()?)?.tanh()?)))
}

fn mlp(vb: VarBuilder<'_>) -> Result<Model> {
    let (fc1, fc2) = (linear(784, 128, vb.pp("fc1"))?, linear(128, 10, vb.pp("fc2"))?);
    Ok(Box::new(move |x, _| fc2.forward(&fc1.forward(x)?.relu()?)))
}

fn mnist_cnn(vb: VarBuilder<'_>) -> Result<Model> {
    let conv1 = conv2d(1, 32, 3, Conv2dConfig::default(), vb.pp("conv1"))?;
    let conv2 = conv2d(32, 64, 3, Conv2dConfig::default(), vb.pp("conv2"))?;
    let (fc1, fc2) = (linear(9216, 128, vb.pp("fc1"))?, linear(128, 10, vb.pp("fc2"))?);
    Ok(Box::new(move |x, mode| {
        let mut x = conv2.forward(&conv1.forward(x)?.relu()?)?.relu()?.max_pool2d(2)?;
        if mode == Mode::Training {
            let (n, channels, ..) = x.dims4()?;
            let kept = Tensor::rand(0.0_f32, 1.0, (n, channels, 1, 1), x.device())?.ge(0.25)?;
            x = x.broadcast_mul(&(kept.to_dtype(DType::F32)? / 0.75)?)?;
        }
        let mut x = fc1.forward(&x.flatten_from(1)?)?.relu()?;
        if mode == Mode::Training {
            x = dropout(&x, 0.5)?;
        }
        log_softmax(&fc2.forward(&x)?, D::Minus1)
    }))
}

fn tagger(vb: VarBuilder<'_>) -> Result<Model> {
    let embedding = embedding(5000, 64, vb.pp("embedding"))?;
    let lstm = lstm(64, 128, LSTMConfig::default(), vb.pp("lstm"))?;
    let hidden2tag = linear(128, 17, vb.pp("hidden2tag"))?;
    Ok(Box::new(move |words, _| {
        let states = lstm.seq(&embedding.forward(words)?)?;
        hidden2tag.forward(&lstm.states_to_tensor(&states)?)
    }))
}

fn generator(vb: VarBuilder<'_>) -> Result<Model> {
    let (fc1, fc2) = (linear(10, 256, vb.pp("fc1"))?, linear(256, 784, vb.pp("fc2"))?);
    Ok(Box::new(move |x, _| fc2.forward(&leaky_relu(&fc1.forward(x)?, 0.2)?)?.tanh()))
}

fn discriminator(vb: VarBuilder<'_>) -> Result<Model> {
    let (fc1, fc2) = (linear(784, 256, vb.pp("fc1"))?, linear(256, 1, vb.pp("fc2"))?);
    Ok(Box::new(move |x, _| fc2.forward(&leaky_relu(&fc1.forward(x)?, 0.2)?)))
}

/// A layer of a transformer. candle's fastest norm and softmax have no gradients.
fn transformer(vb: VarBuilder<'_>) -> Result<Model> {
    const HEADS: usize = 4;
    let (vb, attention) = (vb.pp("layer"), vb.pp("layer.self_attn"));
    let in_proj = Linear::new(
        attention.get((192, 64), "in_proj_weight")?,
        Some(attention.get(192, "in_proj_bias")?),
    );
    let out_proj = linear(64, 64, attention.pp("out_proj"))?;
    let (linear1, linear2) =
        (linear(64, 256, vb.pp("linear1"))?, linear(256, 64, vb.pp("linear2"))?);
    let (norm1, norm2) =
        (layer_norm(64, 1e-5, vb.pp("norm1"))?, layer_norm(64, 1e-5, vb.pp("norm2"))?);
    let norm = |norm: &LayerNorm, x: &Tensor, mode| match (mode, norm.bias()) {
        (Mode::Use, _) | (_, None) => norm.forward(x),
        (_, Some(bias)) => layer_norm_slow(x, norm.weight(), bias, 1e-5),
    };
    Ok(Box::new(move |x, mode| {
        let (n, steps, width) = x.dims3()?;
        let of_heads = in_proj.forward(&norm(&norm1, x, mode)?)?;
        let of_heads = of_heads.reshape((n, steps, 3, HEADS, width / HEADS))?;
        let of_heads = of_heads.permute((2, 0, 3, 1, 4))?.contiguous()?;
        let [q, k, v] = [of_heads.get(0)?, of_heads.get(1)?, of_heads.get(2)?];
        let scale = ((width / HEADS) as f64).powf(-0.5);
        let scores = (q.matmul(&k.t()?)? * scale)?;
        let weights = match mode {
            Mode::Use => softmax_last_dim(&scores)?,
            _ => softmax(&scores, D::Minus1)?,
        };
        let heads = weights.matmul(&v)?.transpose(1, 2)?.reshape((n, steps, width))?;
        let x = (x + out_proj.forward(&heads)?)?;
        let y = linear1.forward(&norm(&norm2, &x, mode)?)?.gelu_erf()?;
        &x + linear2.forward(&y)?
    }))
}

fn resnet8(vb: VarBuilder<'_>) -> Result<Model> {
    let first = Convolution::new(3, 16, 3, 1, &vb, ["conv", "bn"])?;
    let blocks = [
        Block::new(16, 16, 1, &vb.pp("block"))?,
        Block::new(16, 32, 2, &vb.pp("down1"))?,
        Block::new(32, 64, 2, &vb.pp("down2"))?,
    ];
    let fc = linear(64, 10, vb.pp("fc"))?;
    Ok(Box::new(move |x, _| {
        let mut x = first.forward(x)?.relu()?;
        for block in &blocks {
            x = block.forward(&x)?;
        }
        fc.forward(&x.mean((2, 3))?)
    }))
}

/// A convolution and its batch norm.
struct Convolution(Conv2d, BatchNorm);

impl Convolution {
    fn new(
        ins: usize,
        outs: usize,
        size: usize,
        stride: usize,
        vb: &VarBuilder<'_>,
        [conv, norm]: [&str; 2],
    ) -> Result<Self> {
        let config = Conv2dConfig { padding: size / 2, stride, ..Default::default() };
        let conv = conv2d_no_bias(ins, outs, size, config, vb.pp(conv))?;
        Ok(Convolution(conv, batch_norm(outs, 1e-5, vb.pp(norm))?))
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.1.forward_t(&self.0.forward(x)?, false)
    }
}

struct Block([Convolution; 2], Option<Convolution>);

impl Block {
    fn new(ins: usize, outs: usize, stride: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let convolutions = [
            Convolution::new(ins, outs, 3, stride, vb, ["conv1", "bn1"])?,
            Convolution::new(outs, outs, 3, 1, vb, ["conv2", "bn2"])?,
        ];
        let shortcut = match stride {
            1 => None,
            _ => Some(Convolution::new(ins, outs, 1, stride, vb, ["shortcut", "bn3"])?),
        };
        Ok(Block(convolutions, shortcut))
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let Block([first, second], shortcut) = self;
        let y = second.forward(&first.forward(x)?.relu()?)?;
        match shortcut {
            Some(shortcut) => (y + shortcut.forward(x)?)?.relu(),
            None => (y + x)?.relu(),
        }
    }
}

/// W5: a sample of audio goes in, and the state is kept.
fn audio() -> Result<Runs<impl FnMut() -> Vec<f32>>> {
    let vars = VarMap::new();
    let build = |vb: VarBuilder<'_>| -> Result<_> {
        Ok((lstm(1, 20, LSTMConfig::default(), vb.pp("lstm"))?, linear(20, 1, vb.pp("out"))?))
    };
    build(VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu))?;
    let (lstm, out) = build(given(&vars)?)?;
    let samples: Vec<_> =
        numbers(1024, 1).into_iter().map(|x| tensor(vec![x], &[1, 1])).collect::<Result<_>>()?;
    let (mut state, mut next) = (lstm.zero_state(1)?, 0);
    let mut step = move || -> Result<Vec<f32>> {
        let new: LSTMState = lstm.step(&samples[next], &state)?;
        next = (next + 1) % samples.len();
        state = new;
        flat(&out.forward(state.h())?)
    };
    Ok(Runs { checked: 64, run: move || step().expect("a step") })
}

fn images(dropout: bool) -> Step {
    let x = floats(&[IMAGES, 1, 28, 28], 1).expect("a tensor");
    let target = targets(IMAGES).expect("a tensor");
    trained(mnist_cnn, move |model| nll(&model(&x, Mode::of(dropout))?, &target))
}

fn sentences(_: bool) -> Step {
    let words = sentence().expect("a tensor");
    let target = targets(30).expect("a tensor");
    trained(tagger, move |model| cross_entropy(&model(&words, Mode::Check)?.get(0)?, &target))
}

fn series(_: bool) -> Step {
    let [x, target] = [1, 2].map(|seed| floats(&[1, 64, 64], seed).expect("a tensor"));
    trained(transformer, move |model| mse(&model(&x, Mode::Check)?, &target))
}

/// Steps of Adam with what `loss` says of the network.
fn trained(build: Build, loss: impl Fn(&Model) -> Result<Tensor> + 'static) -> Step {
    let (model, mut adam) = learning(build).expect("a network");
    let mut step = move || -> Result<Vec<f32>> {
        let loss = loss(&model)?;
        adam.backward_step(&loss)?;
        flat(&loss)
    };
    Box::new(move || step().expect("a step"))
}

/// W4: a step of the discriminator, and one of the generator.
fn gan(_: bool) -> Step {
    let mut step = gan_steps().expect("two networks");
    Box::new(move || step().expect("a step"))
}

fn gan_steps() -> Result<impl FnMut() -> Result<Vec<f32>>> {
    let ((g, mut adam_g), (d, mut adam_d)) = (learning(generator)?, learning(discriminator)?);
    let noise = floats(&[IMAGES, 10], 2)?;
    let real = floats(&[2 * IMAGES, 784], 1)?.narrow(0, 0, IMAGES)?;
    let ones = Tensor::ones((IMAGES, 1), DType::F32, &Device::Cpu)?;
    let are_real = Tensor::cat(&[&ones, &ones.zeros_like()?], 0)?;
    Ok(move || {
        let fake = g(&noise, Mode::Check)?;
        let both = d(&Tensor::cat(&[&real, &fake.detach()], 0)?, Mode::Check)?;
        let of_d = binary_cross_entropy_with_logit(&both, &are_real)?;
        adam_d.backward_step(&of_d)?;
        let of_g = binary_cross_entropy_with_logit(&d(&fake, Mode::Check)?, &ones)?;
        adam_g.backward_step(&of_g)?;
        Ok([flat(&of_d)?, flat(&of_g)?].concat())
    })
}

/// A network whose parameters are no variables.
fn fixed(build: Build) -> Result<Model> {
    let vars = VarMap::new();
    _ = build(VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu))?;
    build(given(&vars)?)
}

/// The numbers of [`parameter`] under the names and in the shapes of `vars`.
fn given(vars: &VarMap) -> Result<VarBuilder<'static>> {
    let vars = vars.data().lock().expect("one thread");
    let given = vars
        .iter()
        .map(|(name, var)| Ok((name.clone(), tensor(parameter(name, var.dims()), var.dims())?)));
    let given: HashMap<_, _> = given.collect::<Result<_>>()?;
    Ok(VarBuilder::from_tensors(given, DType::F32, &Device::Cpu))
}

/// A network that is trained, and its Adam.
fn learning(build: Build) -> Result<(Model, AdamW)> {
    let vars = VarMap::new();
    let model = build(VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu))?;
    for (name, var) in vars.data().lock().expect("one thread").iter() {
        var.set(&tensor(parameter(name, var.dims()), var.dims())?)?;
    }
    let adam = ParamsAdamW { lr: 1e-3, weight_decay: 0.0, ..Default::default() };
    Ok((model, AdamW::new(vars.all_vars(), adam)?))
}

fn sentence() -> Result<Tensor> {
    Tensor::from_vec(words().to_vec(), (1, 30), &Device::Cpu)
}

fn targets(count: usize) -> Result<Tensor> {
    let classes: Vec<_> = classes(count).into_iter().map(u32::from).collect();
    Tensor::from_vec(classes, count, &Device::Cpu)
}

fn floats(shape: &[usize], seed: u32) -> Result<Tensor> {
    tensor(numbers(shape.iter().product(), seed), shape)
}

fn tensor(numbers: Vec<f32>, shape: &[usize]) -> Result<Tensor> {
    Tensor::from_vec(numbers, shape, &Device::Cpu)
}

fn flat(y: &Tensor) -> Result<Vec<f32>> {
    y.flatten_all()?.to_vec1()
}
