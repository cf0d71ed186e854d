//! Small JPEGs for lists.

use crate::encode::{Encoding, Quality, encode};
use crate::error::MediaError;
use crate::probe::Probe;
use crate::raster::{Raster, Samples};
use crate::render::{Rendering, picture};
use crate::scale::{fit, shrink};
use crate::statistics::Statistics;

/// Longest side of a thumbnail in pixels.
pub const THUMBNAIL_SIDE: u32 = 256;

/// A thumbnail of an upright raster: longest side at most 256 px, default rendering, JPEG. The
/// raster may be any level of the image; `statistics` are the image's.
pub fn thumbnail(
    probe: &Probe,
    raster: &Raster,
    statistics: &Statistics,
) -> Result<Vec<u8>, MediaError> {
    // Whole blocks first, at the image's own depth, to some way above the goal: cheap for the
    // pixels of a large image. The exact filter does the rest.
    let factor = raster.width.max(raster.height) / (4 * THUMBNAIL_SIDE);
    let reduced;
    let raster = if factor > 1 {
        reduced = shrink(raster, factor);
        &reduced
    } else {
        raster
    };
    let rendering = Rendering::default_for(probe);
    let (width, height) = (raster.width, raster.height);
    let small = match &raster.samples {
        // Shown as stored, so there is nothing to render.
        Samples::U8(pixels) if rendering.is_identity(probe) && raster.nodata.is_none() => {
            fit(width, height, raster.bands as u8, pixels, THUMBNAIL_SIDE)?
        }
        _ => {
            let shown = picture(raster, statistics, &rendering)?;
            fit(width, height, shown.channels, &shown.pixels, THUMBNAIL_SIDE)?
        }
    };
    Ok(encode(&small, Encoding::Jpeg, Quality::Thumbnail)?.bytes)
}
