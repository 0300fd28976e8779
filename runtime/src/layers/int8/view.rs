//! Layers that do nothing in use, in bytes.

use core::marker::PhantomData;

use crate::infer::Node;
use crate::int8::{Call, Layer, Quantize, Role};
use crate::layer::{FromBytes, Kind};
use crate::layers::{Detach, Dropout, Dropout2d, Flatten, Identity, Reshape};

/// A layer of `K` whose output is its input by another name. Where the plan cannot make the two one, bytes are copied.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct View<K>(PhantomData<fn() -> K>);

impl<K: Kind + 'static> Layer for View<K> {
    type Args = K::Args;
    const ROLE: Role = Role::View;

    fn forward(&self, _: &Node<K::Args>, call: Call<'_>) {
        call.y.iter_mut().zip(call.x[0]).for_each(|(y, x)| *y = *x);
    }
}

macro_rules! views {
    ($($layer:ident)*) => {$(
        impl Quantize for $layer {
            type Int8<const A: usize, const B: usize> = View<$layer>;
        }
    )*};
}

views!(Detach Dropout Dropout2d Flatten Identity Reshape);
