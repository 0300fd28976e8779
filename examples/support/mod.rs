//! What the examples share: pictures, digits from image files, and where data may lie.
#![allow(dead_code, reason = "each example uses some of it")]

pub mod digit;
pub mod pictures;

use std::path::{Path, PathBuf};

/// The folder `name` of the data beside this project, or in `FIRMNET_DATA`, if it is there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("FIRMNET_DATA").map_or_else(beside, PathBuf::from).join(name);
    folder.is_dir().then_some(folder)
}
