use firmnet::prelude::*;

use firmnet::infer::{Inferred, Inputs, Node};
use firmnet::layer::{Backward, Forward, FromBytes, Layer};

/// Gives back the first half.
#[derive(Clone, Copy, FromBytes)]
#[repr(C)]
struct Half;

#[derive(Clone, Copy)]
struct Args;

impl Half {
    const fn args() -> Args {
        Args
    }
}

impl Args {
    const fn infer(self, x: Inputs) -> Inferred<Self> {
        let odd = x.but_gives(x.says().str("takes an even number of values"), 0);
        let half = firmnet::shape::Shape::of(&[x.shape(0).len() / 2]);
        let right = x.shape(0).len() % 2 == 0;
        Inferred::new(self, x, half).one_input().rank(1, "put `Flatten` before it").check(right, odd)
    }
}

firmnet::keyword!(Half);

impl Layer for Half {
    type Args = Args;
    fn forward(&self, _: &Node<Args>, _: Forward<'_>) {}
    fn backward(&self, _: &Node<Args>, _: Backward<'_>, _: &mut Self) {}
}

network! {
    struct Odd: [4] -> [2] { fc: Linear(5), half: Half }
}

fn main() {}
