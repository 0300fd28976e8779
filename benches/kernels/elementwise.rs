//! What is done number by number: activations, softmax and the steps of optimizers.

use criterion::Criterion;
use firmnet_runtime::kernel::{self, Formula, Vector, each, log_softmax, softmax};
use firmnet_runtime::optim::{Adam, Optimizer, Sgd};

use crate::{numbers, time, wide};

/// A formula of one number.
macro_rules! formula {
    ($name:ident, $function:path) => {
        struct $name;

        impl Formula<1, 1> for $name {
            #[inline(always)]
            fn at<V: Vector>(&self, _: [V; 1], [x]: [V; 1]) -> [V; 1] {
                [$function(x)]
            }
        }
    };
}

formula!(Exp, kernel::exp);
formula!(Tanh, kernel::tanh);
formula!(Sigmoid, kernel::sigmoid);
formula!(Erf, kernel::erf);
formula!(Gelu, kernel::gelu);
formula!(Softplus, kernel::softplus);

/// The functions of activations over 4096 numbers, and both forms of softmax over ten classes and a thousand.
pub fn activations(c: &mut Criterion) {
    let mut group = c.benchmark_group("activations");
    let x = numbers(4096, 1);
    let of = |f: fn(f64) -> f64| {
        let x = wide(&x);
        move |y: &mut [f64]| y.iter_mut().zip(&x).for_each(|(y, x)| *y = f(*x))
    };
    let y = vec![0.0; x.len()];
    time(&mut group, "exp", x.len(), &y, of(f64::exp), |y| each([y], [&x], &Exp));
    time(&mut group, "tanh", x.len(), &y, of(f64::tanh), |y| each([y], [&x], &Tanh));
    let sigmoid = of(|x| 1.0 / (1.0 + (-x).exp()));
    time(&mut group, "sigmoid", x.len(), &y, sigmoid, |y| each([y], [&x], &Sigmoid));
    time(&mut group, "erf", x.len(), &y, of(libm::erf), |y| each([y], [&x], &Erf));
    let gelu = of(|x| x * libm::erfc(-x / 2f64.sqrt()) / 2.0);
    time(&mut group, "gelu", x.len(), &y, gelu, |y| each([y], [&x], &Gelu));
    let softplus = of(|x| x.exp().ln_1p());
    time(&mut group, "softplus", x.len(), &y, softplus, |y| each([y], [&x], &Softplus));
    group.finish();

    let mut group = c.benchmark_group("softmax");
    for classes in [10, 1000] {
        let x = numbers(64 * classes, 1);
        let shares = |y: &mut [f64], of: fn(f64, f64) -> f64| {
            for (x, y) in wide(&x).chunks(classes).zip(y.chunks_mut(classes)) {
                let total: f64 = x.iter().map(|x| x.exp()).sum();
                x.iter().zip(y).for_each(|(x, y)| *y = of(*x, total));
            }
        };
        let y = vec![0.0; x.len()];
        let plain = |y: &mut [f64]| shares(y, |x, total| x.exp() / total);
        time(&mut group, &format!("softmax {classes}"), x.len(), &y, plain, |y| {
            softmax(classes, &x, y);
        });
        let logs = |y: &mut [f64]| shares(y, |x, total| x - total.ln());
        time(&mut group, &format!("log softmax {classes}"), x.len(), &y, logs, |y| {
            log_softmax(classes, &x, y);
        });
    }
}

/// A step on 100,000 parameters, one pass over all that there is.
pub fn optimizers(c: &mut Criterion) {
    let mut group = c.benchmark_group("optimizers");
    let (p, g) = (numbers(100_000, 1), numbers(100_000, 2));
    let (lr, eps) = (1e-3, 1e-8);
    let down = |p: &mut [f64]| p.iter_mut().zip(wide(&g)).for_each(|(p, g)| *p -= lr * g);
    let mut step = Steps::new(Sgd::new(lr as f32), p.len());
    time(&mut group, "SGD", p.len(), &p, down, |p| step.on(p, &g));
    // The first step has no momentum yet.
    let mut step = Steps::new(Sgd::new(lr as f32).momentum(0.9), p.len());
    time(&mut group, "SGD with momentum", p.len(), &p, down, |p| step.on(p, &g));
    // The bias corrections leave g and g² of the first gradient.
    let first = |p: &mut [f64]| {
        p.iter_mut().zip(wide(&g)).for_each(|(p, g)| *p -= lr * g / (g.abs() + eps));
    };
    let mut step = Steps::new(Adam::new(lr as f32), p.len());
    time(&mut group, "Adam", p.len(), &p, first, |p| step.on(p, &g));
}

/// An optimizer, what it keeps, and how often it has been asked.
struct Steps<O> {
    optimizer: O,
    state: Vec<Vec<f32>>,
    t: u32,
}

impl<O: Optimizer> Steps<O> {
    fn new(optimizer: O, len: usize) -> Self {
        Steps { optimizer, state: vec![vec![0.0; len]; optimizer.slots()], t: 0 }
    }

    fn on(&mut self, p: &mut [f32], g: &[f32]) {
        self.t += 1;
        let mut state: Vec<_> = self.state.iter_mut().map(Vec::as_mut_slice).collect();
        self.optimizer.update(self.t, p, g, &mut state);
    }
}
