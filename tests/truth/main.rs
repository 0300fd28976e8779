//! What firmnet computes against what PyTorch computes: `tests/vectors` holds its numbers, and how they were made.

mod attention;
mod cases;
mod compress;
mod dropout;
mod endings;
mod finite_differences;
mod gan;
mod gradients;
mod initialisers;
mod kinds;
mod layers;
mod losses;
mod models;
mod net;
mod networks;
mod onnx;
mod optimizers;
mod penalties;
mod published;
mod qat;
mod recurrent;
mod schedules;
mod silero;
mod state_dict;
mod tflite;
mod vectors;
