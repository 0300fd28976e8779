//! Where the memories of the board are, and how a program is laid out in them.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> std::io::Result<()> {
    let target = env::var("TARGET").unwrap_or_default();
    let (core, board) = match target.as_str() {
        "thumbv6m-none-eabi" => ("Cortex-M0", "microbit"),
        "thumbv7m-none-eabi" => ("Cortex-M3", "mps2-an385"),
        "thumbv7em-none-eabihf" => ("Cortex-M4F", "mps2-an386"),
        "thumbv8m.main-none-eabihf" => ("Cortex-M33", "mps2-an505"),
        "riscv32imc-unknown-none-elf" => ("RV32IMC", "virt"),
        _ => return Ok(()),
    };
    println!("cargo::rustc-env=CORE={core}");
    println!("cargo::rustc-env=BOARD={board}");
    let memory = Path::new("memory").join(board).with_extension("x");
    println!("cargo::rerun-if-changed={}", memory.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::copy(memory, out.join("memory.x"))?;
    println!("cargo::rustc-link-search={}", out.display());
    if target.starts_with("riscv") {
        println!("cargo::rustc-link-arg-bins=-Tmemory.x");
    }
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
    println!("cargo::rustc-link-arg-bins=--nmagic");
    Ok(())
}
