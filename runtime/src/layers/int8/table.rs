//! Activations in bytes: a table of what comes out for each byte. Those that only keep numbers within bounds are merged into the kernel
//! before them, if it can do that.

use core::marker::PhantomData;

use bytemuck::{must_cast_slice, must_cast_slice_mut};

use crate::infer::Node;
use crate::int8::{Call, Layer, Quantize, Role};
use crate::io::safetensors::Dtype;
use crate::kernel::int8::Table;
use crate::layer::{FromBytes, Kind, Tensor};
use crate::layers::elementwise::Elementwise;

#[cfg(feature = "std")]
use crate::int8::fill::{After, At};
#[cfg(feature = "std")]
use crate::network::Part;

/// An activation of `K`. `N` is 1, or 0 where a kernel does its work.
#[derive(Clone, Copy, Debug, FromBytes)]
#[repr(C)]
pub struct TableInt8<K, const N: usize> {
    table: [Table; N],
    layer: PhantomData<fn() -> K>,
}

impl<K: Elementwise> Quantize for K {
    type Int8<const N: usize, const B: usize> = TableInt8<K, N>;
}

impl<K: Elementwise, const N: usize> Layer for TableInt8<K, N> {
    type Args = <K as Kind>::Args;
    const ROLE: Role = match (K::BOUNDS, K::SCALE) {
        (Some(_), _) => Role::Clamp,
        (None, None) => Role::Kernel(Role::KERNEL.keeps_order()),
        (None, Some(scale)) => Role::Kernel(Role::KERNEL.keeps_order().fixed(scale)),
    };
    const TENSORS: &'static [Tensor] = match N {
        0 => &[],
        _ => &[Tensor::parameter("table", &[256]).of(Dtype::I8)],
    };

    fn tensor(&self, _: usize) -> &[u8] {
        must_cast_slice(&self.table)
    }
    fn tensor_mut(&mut self, _: usize) -> &mut [u8] {
        must_cast_slice_mut(&mut self.table)
    }

    fn forward(&self, _: &Node<Self::Args>, call: Call<'_>) {
        let Some(table) = self.table.first() else { return };
        let of = |x: i8| table[usize::from(x as u8)];
        if call.in_place {
            call.y.iter_mut().for_each(|y| *y = of(*y));
        } else {
            call.y.iter_mut().zip(call.x[0]).for_each(|(y, x)| *y = of(*x));
        }
    }

    #[cfg(feature = "std")]
    fn fill(&mut self, node: &Node<Self::Args>, _: &dyn Part, at: &At<'_>) {
        self.table = [K::table(node.args, at.x[0], at.y); N];
    }

    #[cfg(feature = "std")]
    fn merge(node: &Node<Self::Args>, _: &dyn Part, after: &mut After) {
        let _ = node;
        if let Some([low, high]) = K::BOUNDS {
            after.clamp(low, high);
        }
    }
}
