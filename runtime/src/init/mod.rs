//! First values of parameters: one file an initialiser, with PyTorch's names, arguments and distributions.
//!
//! Each fills a flat slice from the caller's generator, so that the same seed gives the same network.

mod constant;
mod fan;
mod kaiming;
mod normal;
mod orthogonal;
mod uniform;
mod xavier;

pub use constant::{constant, ones, zeros};
pub use fan::{Fan, FanMode, Nonlinearity, calculate_gain};
pub use kaiming::{kaiming_normal, kaiming_uniform};
pub use normal::normal;
pub use orthogonal::orthogonal;
pub use uniform::{fan_in_uniform, uniform};
pub use xavier::{xavier_normal, xavier_uniform};
