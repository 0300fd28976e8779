//! What can go wrong with a file.

use core::fmt::Write;
use std::io;
use std::path::PathBuf;
use std::string::String;
use std::vec::Vec;
use thiserror::Error;

/// Why tensors were not read or not written.
#[derive(Debug, Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("`{}` cannot be read: {source}", .file.display())]
    Unread {
        /// Which one.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written; the old one, if there is one, is untouched.
    #[error("`{}` cannot be written: {source}", .file.display())]
    Unwritten {
        /// Which one.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is damaged, or no safetensors file.
    #[error("`{}`: {fault}", .file.display())]
    Damaged {
        /// Which one.
        file: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// The file is sound, and does not have the tensors that were asked for.
    #[error("`{}` does not fit:{}", .file.display(), list(.faults))]
    Unfit {
        /// Which one.
        file: PathBuf,
        /// What is wrong with each tensor.
        faults: Vec<String>,
    },
}

/// The first of `faults`, each in a line.
fn list(faults: &[String]) -> String {
    const MOST: usize = 8;
    let mut text = String::new();
    for fault in faults.iter().take(MOST) {
        let _ = write!(text, "\n  {fault}");
    }
    if faults.len() > MOST {
        let _ = write!(text, "\n  and {} more", faults.len() - MOST);
    }
    text
}
