//! All that import needs to know about one image, from one decode.

use crate::error::MediaError;
use crate::limits::Limits;
use crate::probe::Probe;
use crate::source::ReadAt;
use crate::statistics::Statistics;
use crate::view::OpenedImage;

/// What is known about an image after import.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// What the headers say.
    pub probe: Probe,
    /// A JPEG, longest side at most 256 px.
    pub thumbnail_jpeg: Vec<u8>,
    /// Statistics of the values, for stretches.
    pub statistics: Statistics,
}

/// Probes, decodes to prove that it can be decoded, makes a thumbnail and takes statistics.
///
/// A TIFF that is too large for memory is read in parts: completely, or where it has overviews and
/// more than [`Limits::verify_pixels`], by checking every chunk's place and decoding the overviews
/// in use and an even sample of its tiles.
pub fn import(source: Box<dyn ReadAt>, limits: &Limits) -> Result<Imported, MediaError> {
    let mut image = OpenedImage::open(source, limits)?;
    image.verify(limits)?;
    let thumbnail_jpeg = image.thumbnail()?;
    let statistics = image.statistics()?.clone();
    Ok(Imported { probe: image.probe().clone(), thumbnail_jpeg, statistics })
}
