//! `Dropout`: numbers left out at random while training.

use rand_core::Rng;
use rand_xoshiro::Xoshiro128PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

use crate::infer::{Inferred, Inputs, Node};
use crate::kernel::{Formula, Vector, each};
use crate::keyword;
use crate::layer::{Backward, Forward, FromBytes, Layer};
use crate::layers::view;
use crate::positional;

/// `x: […]` → `y: […]`: in training each number is zero with probability `p`, and else divided by `1 − p`; in use `y = x`.
/// PyTorch's `nn.Dropout`.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct Dropout;

/// `Dropout(p = 0.5)`.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    p: f32,
}

impl Dropout {
    /// `Dropout`, with its argument to follow.
    pub const fn args() -> Args {
        Args { p: 0.5 }
    }
}

positional!(Args, first = p: f32);

impl Args {
    /// How likely a number is left out; 0.5 unless said otherwise.
    pub const fn p(mut self, p: f32) -> Self {
        self.p = p;
        self
    }

    /// The output has the shape of the input. Keeps what each number was multiplied by.
    #[inline]
    pub const fn infer(self, x: Inputs) -> Inferred<Self> {
        infer(self, self.p, x, x.shape(0).len()).step_by_step()
    }
}

keyword!(Dropout);

impl Layer for Dropout {
    type Args = Args;

    fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
        view::forward(call);
    }

    fn forward_training(&mut self, node: &Node<Args>, call: Forward<'_>) {
        let kept = &mut call.kept[..call.y.len()];
        draw(node.args.p, call.seed, kept);
        if call.in_place {
            each([call.y], [&*kept], &Multiplied);
        } else {
            each([call.y], [call.x[0], &*kept], &Product);
        }
    }

    /// `dx += kept · dy`.
    fn backward(&self, _: &Node<Args>, call: Backward<'_>, _: &mut Self) {
        let [Some(dx), ..] = call.dx else { return };
        let kept = &call.kept[..dx.len()];
        if call.in_place {
            each([dx], [kept], &Multiplied);
        } else {
            each([dx], [call.dy, kept], &ProductAdded);
        }
    }
}

/// The shape rule of a dropout that draws `kept` times for each sample.
pub(super) const fn infer<A: Copy>(args: A, p: f32, x: Inputs, kept: usize) -> Inferred<A> {
    let says = x.says().str("is given a probability p that is not between 0 and 1");
    Inferred::new(args, x, x.shape(0))
        .one_input()
        .argument(p >= 0.0 && p <= 1.0, says)
        .kept(kept)
        .in_place()
        .identity_in_use()
}

/// Fills `factors` with 0, with probability `p`, and else with `1 / (1 − p)`. The same seed draws the same.
pub(super) fn draw(p: f32, seed: u64, factors: &mut [f32]) {
    let (mut rng, scale) =
        (Xoshiro128PlusPlus::seed_from_u64(seed), if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 });
    // A number of 32 bits is below this with probability p.
    let limit = (f64::from(p) * 4_294_967_296.0) as u64;
    for factor in factors {
        *factor = if u64::from(rng.next_u32()) < limit { 0.0 } else { scale };
    }
}

/// y ← factor · y
struct Multiplied;

impl Formula<1, 1> for Multiplied {
    #[inline(always)]
    fn at<V: Vector>(&self, [y]: [V; 1], [factor]: [V; 1]) -> [V; 1] {
        [y * factor]
    }
}

/// y ← factor · x
struct Product;

impl Formula<1, 2> for Product {
    #[inline(always)]
    fn at<V: Vector>(&self, _: [V; 1], [x, factor]: [V; 2]) -> [V; 1] {
        [x * factor]
    }
}

/// dx ← dx + factor · dy
struct ProductAdded;

impl Formula<1, 2> for ProductAdded {
    #[inline(always)]
    fn at<V: Vector>(&self, [dx]: [V; 1], [dy, factor]: [V; 2]) -> [V; 1] {
        [dy.mul_add(factor, dx)]
    }
}
