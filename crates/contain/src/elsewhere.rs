//! Systems without such filters: nothing is claimed there.

use std::path::Path;

use crate::{FileWall, Probe, Unavailable};

pub(crate) fn seal() -> Result<(), Unavailable> {
    Err(Unavailable::System)
}

/// What a kernel without Landlock lets through, and only that.
pub const BEHIND_LANDLOCK: &str = "decoder: open a file, behind Landlock alone";

/// Nothing can be tried here.
#[must_use]
pub fn probe_network(_helper: (&Path, &str)) -> Vec<Probe> {
    Vec::new()
}

/// Nothing can be tried here.
#[must_use]
pub fn probe_decoder(_helper: (&Path, &str)) -> Vec<Probe> {
    Vec::new()
}

/// Nothing can be looked at here.
#[must_use]
pub fn probe_web_engine(_home: Option<&Path>, _vault: Option<&Path>) -> Vec<Probe> {
    Vec::new()
}

/// Can't be done here.
///
/// # Errors
/// Always.
pub fn can_wall_web_engine() -> Result<(), Unavailable> {
    Err(Unavailable::System)
}

/// Nothing can be tried here.
#[must_use]
pub fn attempt_forbidden(_name: &str) -> u8 {
    2
}

/// There is none here.
#[must_use]
pub fn file_wall() -> FileWall {
    FileWall::Missing
}

/// Can't be done here.
///
/// # Errors
/// Always.
pub fn wall_decoder() -> Result<FileWall, Unavailable> {
    Err(Unavailable::System)
}
