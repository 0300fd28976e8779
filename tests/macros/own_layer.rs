//! Layers of the user's own crate stand like any other.

use firmnet::infer::{Inferred, Inputs, Node};
use firmnet::kernel::Vector;
use firmnet::layer::{Backward, Forward, FromBytes, Kind, Layer, Tensor};
use firmnet::layers::elementwise::{self, Elementwise, SlopeOf};
use firmnet::network::Rng;
use firmnet::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

pub mod layers {
    use super::*;

    /// `x: [N]` → `y: [N]`, `y = w x`, a factor for each number, or `1` for all.
    #[derive(Clone, Copy, Debug, FromBytes)]
    #[repr(C)]
    pub struct Scale<const N: usize = 0> {
        /// `w`.
        pub weight: [f32; N],
    }

    /// `Scale(init = 1.0)`.
    #[derive(Clone, Copy)]
    pub struct Args {
        init: f32,
    }

    impl Scale {
        pub const fn args() -> Args {
            Args { init: 1.0 }
        }
    }

    firmnet::positional!(Args, first = init: f32);

    impl Args {
        pub const fn init(self, init: f32) -> Self {
            Args { init }
        }

        pub const fn infer(self, x: Inputs) -> Inferred<Self> {
            let n = x.shape(0).len();
            let few = x.but_gives(x.says().str("scales at most 8 numbers"), 0);
            Inferred::new(self, x, x.shape(0))
                .one_input()
                .rank(1, "put `Flatten` before it")
                .check(n <= 8, few)
                .dims(&[n])
                .parameters(n)
                .macs(n)
                .needs_x()
        }
    }

    impl Kind for Scale {
        type Args = Args;
        type Layer<
            const N: usize,
            const B: usize,
            const C: usize,
            const D: usize,
            const E: usize,
            const F: usize,
        > = Scale<N>;
    }

    impl<const N: usize> Layer for Scale<N> {
        type Args = Args;
        const TENSORS: &'static [Tensor] = &[Tensor::parameter("weight", &[N])];

        fn tensor(&self, _: usize) -> &[f32] {
            &self.weight
        }
        fn tensor_mut(&mut self, _: usize) -> &mut [f32] {
            &mut self.weight
        }
        fn init(&mut self, node: &Node<Args>, _: &mut dyn Rng) {
            self.weight = [node.args.init; N];
        }

        fn forward(&self, _: &Node<Args>, call: Forward<'_>) {
            for (i, (y, x)) in call.y.iter_mut().zip(call.x[0]).enumerate() {
                *y = self.weight[i % N] * x;
            }
        }

        fn backward(&self, _: &Node<Args>, call: Backward<'_>, grad: &mut Self) {
            for (i, (dy, x)) in call.dy.iter().zip(call.x[0]).enumerate() {
                grad.weight[i % N] += dy * x;
            }
            if let [Some(dx), ..] = call.dx {
                for (i, (dx, dy)) in dx.iter_mut().zip(call.dy).enumerate() {
                    *dx += self.weight[i % N] * dy;
                }
            }
        }
    }
}

mod cube {
    use super::*;

    /// `y = a x³`, number by number.
    #[derive(Clone, Copy, Debug, FromBytes)]
    #[repr(C)]
    pub struct Cube;

    /// `Cube(a = 1.0)`.
    #[derive(Clone, Copy)]
    pub struct Args {
        a: f32,
    }

    impl Cube {
        pub const fn args() -> Args {
            Args { a: 1.0 }
        }
    }

    impl Args {
        pub const fn a(self, a: f32) -> Self {
            Args { a }
        }
        pub const fn infer(self, x: Inputs) -> Inferred<Self> {
            elementwise::infer(self, x, Cube::SLOPE_OF)
        }
    }

    impl Elementwise for Cube {
        type Args = Args;
        const SLOPE_OF: SlopeOf = SlopeOf::X;

        fn value<V: Vector>(args: Args, x: V) -> V {
            V::splat(args.a) * x * x * x
        }
        fn slope<V: Vector>(args: Args, x: V) -> V {
            V::splat(3.0 * args.a) * x * x
        }
    }
}
use cube::Cube;

network! {
    struct Net: [2] -> [2] {
        first: layers::Scale, Cube(a = 0.5),
        second: layers::Scale(2.0),
    }
}

#[test]
fn it_has_its_parameters() {
    assert_eq!((Net::PARAMETERS, Net::MACS), (4, 4));
    let names: Vec<_> = Net::TENSORS.iter().map(|tensor| tensor.name.to_string()).collect();
    assert_eq!(names, ["first.weight", "second.weight"]);
    let net = Net::boxed(&mut StdRng::seed_from_u64(0));
    assert_eq!((net.first.weight, net.second.weight), ([1.0; 2], [2.0; 2]));
    assert!(Net::summary().to_string().contains("second: Scale"));
}

/// `y = v a (w x)³`, so `dy/dv = a (w x)³`, `dy/dw = 3 v a w² x³` and `dy/dx = 3 v a w³ x²`.
#[test]
fn it_goes_forward_and_backward() {
    let mut net = Net::ZERO;
    (net.first.weight, net.second.weight) = ([2.0, 1.0], [1.0, 3.0]);
    let (x, mut memory) = ([[1.0, 2.0], [3.0, -1.0]], Workspace::new());
    assert_eq!(net.forward_batch(&x, &mut memory), [[4.0, 12.0], [108.0, -1.5]]);

    let (mut grad, mut dx) = (Net::ZERO, [[0.0; 2]; 2]);
    let mut pass = net.forward_training(&x, &mut memory, &mut StdRng::seed_from_u64(0));
    pass.loss_with(|_, dy| dy.fill([1.0, 1.0]));
    pass.backward_to_input(&net, &mut grad, &mut dx);
    assert_eq!(grad.second.weight, [4.0 + 108.0, 4.0 - 0.5]);
    assert_eq!(grad.first.weight, [6.0 * (1.0 + 27.0), 4.5 * (8.0 - 1.0)]);
    assert_eq!(dx, [[12.0, 18.0], [108.0, 4.5]]);
}
