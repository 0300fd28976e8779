//! Networks in bytes: `#[quantize(i8)]` makes one beside the network in `f32`, for a processor that multiplies whole numbers best.
//!
//! Arithmetic is TensorFlow Lite's, to the bit: weights are symmetric with a scale for each channel, activations have a scale and a zero point, sums
//! are 32 bits wide (Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference").

#[cfg(feature = "std")]
mod calibrate;
#[cfg(feature = "std")]
pub mod fill;
#[cfg(not(feature = "std"))]
#[path = "no_fill.rs"]
pub mod fill;
mod layer;
pub mod network;
pub mod pass;
pub mod plan;
#[cfg(feature = "std")]
mod qat;
#[cfg(feature = "std")]
mod report;
mod scale;
pub mod stream;
mod word;

#[cfg(feature = "std")]
pub use calibrate::Calibration;
pub use layer::{Call, Kernel, Layer, Quantize, Role};
pub use network::Network;
pub use plan::{Plan, Step, plan};
#[cfg(feature = "std")]
pub use qat::Qat;
#[cfg(feature = "std")]
pub use report::{Report, Row};
pub use scale::{Scale, Scales};
pub use word::{Checked, Keyword, NoForm, verify, verify_again};
