//! Data that others have published: a folder beside the project, or the one that `FIRMNET_DATA` names.

use std::path::PathBuf;

use crate::board::FIRMWARE;

/// Where `name` of it is, if it is at hand.
pub fn path(name: &str) -> PathBuf {
    let beside = || PathBuf::from(FIRMWARE).join("../../../shared/data");
    std::env::var_os("FIRMNET_DATA").map_or_else(beside, PathBuf::from).join(name)
}
