//! The four nets of MLPerf Tiny, and four of TensorFlow Lite Micro's examples: what they have learnt is in files of TensorFlow Lite, which
//! `host` reads. And two for digits.
//!
//! TensorFlow pads to the right and below where an odd number of zeros is needed: hence the `ZeroPad2d`s.

mod anomaly;
mod images;
mod keywords;
mod mnist;
mod nothing;
mod person;
mod rows;
mod sine;
mod speech;
mod wake;

pub use anomaly::{AutoEncoder, AutoEncoderInt8};
pub use images::{ResNet8, ResNet8Int8};
pub use keywords::{Keywords, KeywordsInt8};
pub use mnist::{Cnn, CnnInt8, Mlp, MlpInt8};
pub use nothing::Nothing;
pub use person::{PersonDetect, PersonDetectInt8};
pub use rows::{MnistLstm, MnistLstmInt8};
pub use sine::{Sine, SineInt8};
pub use speech::{MicroSpeech, MicroSpeechInt8};
pub use wake::{WakeWords, WakeWordsInt8};
