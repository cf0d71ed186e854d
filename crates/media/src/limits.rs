//! What one file may cost. Checked against headers before anything is allocated.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::error::MediaError;

/// Limits for one file and one request. An officer may change them; the defaults suit a
/// workstation with 8 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Limits {
    /// Width times height that a file may claim. Default 2,000,000,000.
    #[n(0)]
    pub max_pixels: u64,
    /// Size of a file. Default 64 GiB. Formats that can't be read in parts (all but TIFF) are also
    /// held to [`Limits::max_decoded_bytes`], because the whole file is in the worker's memory.
    #[n(1)]
    pub max_file_bytes: u64,
    /// Memory for decoded pixels of one image, or of one chunk where an image is read in chunks.
    /// Default 1 GiB.
    #[n(2)]
    pub max_decoded_bytes: u64,
    /// Bands of an image. Default 512.
    #[n(3)]
    pub max_bands: u16,
    /// Time for one request, in seconds; for a pyramid the time between two signs of progress.
    /// Default 60.
    #[n(4)]
    pub seconds: u32,
    /// Up to this many pixels import decodes all of a tiled TIFF that has overviews; of a larger
    /// one it decodes the smallest overview and an even sample of the full-resolution tiles.
    /// Default 64,000,000.
    #[n(5)]
    pub verify_pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pixels: 2_000_000_000,
            max_file_bytes: 64 << 30,
            max_decoded_bytes: 1 << 30,
            max_bands: 512,
            seconds: 60,
            verify_pixels: 64_000_000,
        }
    }
}

impl Limits {
    /// Refuses a file by its size alone.
    pub(crate) fn check_file(&self, bytes: u64) -> Result<(), MediaError> {
        if bytes == 0 {
            return Err(MediaError::Empty);
        }
        if bytes > self.max_file_bytes {
            return Err(MediaError::FileTooLarge { bytes, limit: self.max_file_bytes });
        }
        Ok(())
    }

    /// Refuses dimensions that a header claims. Zero is the caller's business (damaged).
    pub(crate) fn check_pixels(&self, width: u64, height: u64) -> Result<(), MediaError> {
        match width.checked_mul(height) {
            Some(pixels) if pixels <= self.max_pixels => Ok(()),
            _ => Err(MediaError::TooManyPixels { width, height, limit: self.max_pixels }),
        }
    }

    /// Refuses a band count.
    pub(crate) fn check_bands(&self, bands: u32) -> Result<(), MediaError> {
        if bands > u32::from(self.max_bands) {
            return Err(MediaError::TooManyBands { bands, limit: u32::from(self.max_bands) });
        }
        Ok(())
    }

    /// Refuses an allocation for decoded pixels, and gives it as `usize`.
    pub(crate) fn check_decoded(&self, bytes: u64) -> Result<usize, MediaError> {
        match usize::try_from(bytes) {
            Ok(size) if bytes <= self.max_decoded_bytes => Ok(size),
            _ => Err(MediaError::DecodedTooLarge { bytes, limit: self.max_decoded_bytes }),
        }
    }
}
