//! Doors for fuzzing, behind the feature of that name: parsers of foreign bytes that nothing
//! outside this crate calls by themselves. Each panics where a promise does not hold.

use std::os::fd::AsFd as _;
use std::process::ExitCode;

use crate::worker::fuzzing::answer_all;
use crate::{Imported, Raster, exif};

pub use crate::worker::fuzzing::{replies, reply_seeds, request_seeds, requests};

/// The EXIF orientation that a block names, 1 to 8.
pub fn exif_orientation(block: &[u8]) -> u8 {
    exif::orientation(block).exif()
}

/// The decoder worker on standard input, without its walls: what they cost is measured against it.
pub fn serve_without_walls() -> ExitCode {
    match std::io::stdin().as_fd().try_clone_to_owned() {
        Ok(socket) => answer_all(socket),
        Err(_) => ExitCode::FAILURE,
    }
}

/// Whether the pool would take an honest worker's answer for sound.
pub fn is_sound(found: &Imported) -> bool {
    found.statistics.is_sound(found.probe.color_bands())
}

/// Whether two rasters hold the same samples, bit for bit.
pub fn same_samples(a: &Raster, b: &Raster) -> bool {
    a.samples.to_le_bytes() == b.samples.to_le_bytes()
}
