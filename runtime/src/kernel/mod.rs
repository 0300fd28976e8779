//! The loops: slices and strides, never a layer.
//!
//! The only room with `unsafe`, and the only one with loops worth optimising.

mod attention;
#[cfg(with_avx2)]
mod avx2;
#[cfg(with_avx512)]
mod avx512;
mod blas;
mod channels;
mod conv2d;
#[cfg(cortex_m_fpu)]
mod cortex_m;
mod dispatch;
mod each;
mod gemm;
mod gemv;
pub mod int8;
mod layout;
mod math;
mod matrix;
#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
mod neon;
mod normalise;
mod pad2d;
mod parallel;
mod pool2d;
mod recurrent;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
mod softmax;
mod softmax_axis;
#[cfg(all(test, feature = "std"))]
mod stack;
mod steps;
mod swap_axes;
#[cfg(all(test, feature = "std"))]
mod testing;
mod tile;
mod upsample2d;
mod vector;
mod waves;
mod writing;

pub use attention::{Attention, Weights, attention, attention_backward, attention_kept};
pub use blas::{axpy, dot, sum, sum_of_squares};
pub use channels::{
    Channels, add_centred, centred_sums, fill_channels, moments, scale_shift, sum_channels,
};
pub use conv2d::{
    Conv2d, Ending, Filters, conv2d, conv2d_add, conv2d_backward_input, conv2d_backward_weight,
    conv2d_ending, conv2d_reflect, conv2d_reflect_backward_input, conv2d_reflect_backward_weight,
};
pub use dispatch::Isa;
pub use each::{Formula, each};
#[cfg(feature = "std")]
pub use gemm::row_packed;
pub use gemm::{Order, gemm, gemm_bias, gemm_in, gemm_packed, pack_panels, packed_len};
pub use gemv::{affine, gemv, ger};
pub use layout::{add_bias, add_rows, copy_rows, sum_rows, transpose, transpose_add};
pub use math::{erf, exp, exp_m1, gelu, ln, ln_1p, sigmoid, sign, softplus, sqrt, tanh};
pub use matrix::Matrix;
pub use normalise::{Groups, normalise, normalise_backward, normalise_backward_weight};
pub use pad2d::{Pad2d, pad2d, pad2d_backward};
pub use pool2d::{
    Divisor, Pool2d, adaptive_avg_pool2d, adaptive_avg_pool2d_backward, avg_pool2d,
    avg_pool2d_backward, max_pool2d, max_pool2d_backward, max_pool2d_with_indices,
    max_pool2d_with_indices_backward,
};
pub use recurrent::{
    Cell, Recurrence, RecurrentBackward, RecurrentForward, RecurrentGradients, Rows, RowsMut,
    Steps, block, recurrent, recurrent_backward, recurrent_step, recurrent_step_small,
};
pub use softmax::{log_softmax, log_softmax_backward, softmax, softmax_backward};
pub use softmax_axis::{softmax_axis, softmax_axis_backward};
pub use steps::{
    max_so_far, max_steps, max_steps_backward, mean_so_far, mean_steps, mean_steps_backward,
};
pub use swap_axes::{swap_axes, swap_axes_add};
pub use upsample2d::{Mode, Upsample2d, upsample2d, upsample2d_backward};
pub use vector::Vector;
pub use waves::{add_waves, rotate};
pub use writing::Writing;
