//! Programs on emulated boards, and what they say.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::image::Image;

/// Where the programs are built, and `emulate` is.
pub const FIRMWARE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What stands before the instructions of an inference, and before the bytes of stack that it takes.
pub const INSTRUCTIONS: &str = "instructions per inference: ";
pub const STACK: &str = "bytes of stack: ";

/// An emulated board, with the programs that are built for it.
pub struct Board<'a> {
    pub target: &'a str,
    programs: PathBuf,
}

impl Board<'_> {
    /// The board of a target, as `thumbv7em-none-eabihf`.
    pub fn of(target: &str) -> Board<'_> {
        Board { target, programs: Path::new(FIRMWARE).join("target").join(target).join("release") }
    }

    /// Whether `blink` finds a light: on Arm's MPS2.
    pub fn has_light(&self) -> bool {
        !self.target.starts_with("thumbv6m") && !self.target.starts_with("riscv")
    }

    /// Whether the program `mirror` is built for it.
    pub fn has_room_for_samples(&self) -> bool {
        !self.target.starts_with("thumbv6m")
    }

    /// Runs a program to its end.
    pub fn run(&self, program: &str) -> Result<Run> {
        self.run_in_steps(program, 7)
    }

    /// As [`run`](Board::run), where an instruction takes `2^shift` ns: the less, the more instructions the board's clock has room for.
    pub fn run_in_steps(&self, program: &str, shift: u32) -> Result<Run> {
        let path = self.programs.join(program);
        let image = Image::read(&path)?;
        let emulate = Path::new(FIRMWARE).join("emulate");
        let output =
            Command::new("bash").arg(emulate).arg(&path).arg(shift.to_string()).output()?;
        let said = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
        let Board { target, .. } = self;
        ensure!(output.status.success(), "{program} for {target} fails:\n{said}");
        Ok(Run { said, image, has_fpu: target.ends_with("hf") })
    }
}

/// What a program said.
pub struct Run {
    pub said: String,
    pub image: Image,
    /// Whether there is a floating point unit; those of these processors that have one have DSP instructions, too.
    pub has_fpu: bool,
}

impl Run {
    /// What stands behind `before` in the line that begins so.
    pub fn line(&self, before: &str) -> Result<&str> {
        let line = self.said.lines().find_map(|line| line.strip_prefix(before));
        line.with_context(|| format!("it did not say {before:?} but\n{}", self.said))
    }

    /// As [`line`](Run::line), a number.
    pub fn number(&self, before: &str) -> Result<u64> {
        Ok(self.line(before)?.parse()?)
    }

    /// Whether `bits`, as the board wrote them, are the numbers `y` of this machine: to the bit where the board has the same plain loops,
    /// else as close as fused multiplications come.
    pub fn same(&self, bits: &str, y: &[f32]) -> Result<()> {
        let there = bits.split(' ').map(|bits| Ok(f32::from_bits(u32::from_str_radix(bits, 16)?)));
        let there = there.collect::<Result<Vec<f32>>>()?;
        let same = |(here, there): (&f32, &f32)| match self.has_fpu {
            true => (here - there).abs() <= 1e-4,
            false => here.to_bits() == there.to_bits(),
        };
        let all = there.len() == y.len() && y.iter().zip(&there).all(same);
        ensure!(all, "{there:?} there, {y:?} here");
        Ok(())
    }
}
