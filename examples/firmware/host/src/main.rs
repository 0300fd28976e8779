//! Trains the networks of the firmware examples, and judges what the boards say.
#![forbid(unsafe_code)]

mod train;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Trains the network of the digits, and writes its parameters and ten images to `networks/data`.
    Digits,
    /// Trains the network of the irises, and writes its parameters to `networks/data`.
    Flower,
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Digits => train::digits(),
        Command::Flower => train::flower(),
    }
}
