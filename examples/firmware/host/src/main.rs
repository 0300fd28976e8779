//! Trains the networks of the firmware examples, and judges what the boards say.
#![forbid(unsafe_code)]

mod board;
mod calls;
mod check;
mod data;
mod image;
mod tflite;
mod tiny;
mod train;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs what is built for `targets` on emulated boards, holds it against what the networks say here, and prints what it costs.
    Check {
        /// As `thumbv7em-none-eabihf`.
        #[arg(required = true)]
        targets: Vec<String>,
    },
    /// Trains the network of the digits, and writes its parameters and ten images to `networks/data`.
    Digits,
    /// Trains the small network of the digits, quantises it, and writes it and a hundred images to `networks/data`.
    DigitsInt8,
    /// Trains the network of the exercises, and writes its parameters to `networks/data`.
    Exercise,
    /// Quantises the network of the exercises, and writes it to `networks/data`.
    ExerciseInt8,
    /// Trains the network of the irises, and writes its parameters to `networks/data`.
    Flower,
    /// Writes what a file of TensorFlow Lite has learnt to a file that `include_weights!` reads.
    Tflite {
        /// The network that it is for.
        net: tflite::Net,
        /// The file of TensorFlow Lite.
        from: PathBuf,
        /// The file in safetensors.
        to: PathBuf,
    },
    /// Runs the nets of MLPerf Tiny and of TensorFlow Lite Micro on an emulated Cortex-M4F, and prints what they cost.
    Tiny {
        /// As `+cross`: what cargo builds with.
        toolchain: Option<String>,
    },
    /// Writes the samples that `mirror` learns from, and those that it is judged by, to `networks/data`.
    Mirror,
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Check { targets } => check::check(&targets),
        Command::Digits => train::digits(),
        Command::DigitsInt8 => train::digits_int8(),
        Command::Exercise => train::exercise(),
        Command::ExerciseInt8 => train::exercise_int8(),
        Command::Flower => train::flower(),
        Command::Mirror => train::mirror(),
        Command::Tiny { toolchain } => tiny::tiny(toolchain.as_deref()),
        Command::Tflite { net, from, to } => tflite::convert(net, &from, &to),
    }
}
