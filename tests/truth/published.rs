//! Data that others have published, where it is at hand: in `$FIRMNET_DATA`, or in `../shared/data` beside the project.

use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder of it. Nothing, and a word on the terminal, where it is absent.
pub fn folder(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let data = std::env::var_os("FIRMNET_DATA").map_or_else(beside, PathBuf::from);
    let folder = data.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    // `eprintln` would say it only when the test fails.
    let word =
        format!("skipped: there is no {}; FIRMNET_DATA says where it is\n", folder.display());
    std::io::stderr().write_all(word.as_bytes()).unwrap();
    None
}
