//! The eight EXIF orientations: what turns a stored image upright, for whole rasters and for
//! rectangles of them.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::raster::{Raster, Sample, for_samples};

/// How stored pixels relate to the upright image; EXIF values 1-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[cbor(transparent)]
#[serde(transparent)]
pub struct Orientation(#[n(0)] u8);

impl Orientation {
    /// Stored upright (EXIF 1).
    pub const UPRIGHT: Self = Self(1);

    /// From EXIF's number; anything but 1-8 means upright.
    pub fn from_exif(value: u32) -> Self {
        match value {
            1..=8 => Self(value as u8),
            _ => Self::UPRIGHT,
        }
    }

    /// EXIF's number, 1-8.
    pub fn exif(self) -> u8 {
        self.0
    }

    /// Whether upright width is stored height.
    pub fn swaps_sides(self) -> bool {
        self.0 >= 5
    }

    /// Size of the upright image from the stored size (and back: it is its own inverse).
    pub fn upright_size(self, width: u32, height: u32) -> (u32, u32) {
        if self.swaps_sides() { (height, width) } else { (width, height) }
    }

    /// Where the upright pixel (`x`, `y`) lies in the stored image of the given size.
    pub fn stored_pixel(self, x: u32, y: u32, stored_width: u32, stored_height: u32) -> (u32, u32) {
        let (right, bottom) = (stored_width.saturating_sub(1), stored_height.saturating_sub(1));
        match self.0 {
            2 => (right.saturating_sub(x), y),
            3 => (right.saturating_sub(x), bottom.saturating_sub(y)),
            4 => (x, bottom.saturating_sub(y)),
            5 => (y, x),
            6 => (y, bottom.saturating_sub(x)),
            7 => (right.saturating_sub(y), bottom.saturating_sub(x)),
            8 => (right.saturating_sub(y), x),
            _ => (x, y),
        }
    }

    /// The stored rectangle `(x, y, width, height)` that an upright rectangle covers.
    pub(crate) fn stored_rect(
        self,
        rect: [u32; 4],
        stored_width: u32,
        stored_height: u32,
    ) -> [u32; 4] {
        let [x, y, width, height] = rect;
        let first = self.stored_pixel(x, y, stored_width, stored_height);
        let last = self.stored_pixel(
            x + width.max(1) - 1,
            y + height.max(1) - 1,
            stored_width,
            stored_height,
        );
        let (width, height) = self.upright_size(width, height);
        [first.0.min(last.0), first.1.min(last.1), width, height]
    }

    /// Turns stored pixels upright.
    pub(crate) fn apply(self, raster: Raster) -> Raster {
        if self == Self::UPRIGHT {
            return raster;
        }
        let (width, height) = self.upright_size(raster.width, raster.height);
        let samples = for_samples!(&raster.samples, v => {
            Sample::wrap(self.reorder(v, raster.width, raster.height, usize::from(raster.bands)))
        });
        raster.with(width, height, samples)
    }

    fn reorder<T: Sample>(
        self,
        stored: &[T],
        stored_width: u32,
        stored_height: u32,
        bands: usize,
    ) -> Vec<T> {
        let (width, height) = self.upright_size(stored_width, stored_height);
        let mut out = Vec::with_capacity(stored.len());
        for y in 0..height {
            // Along an upright row the stored position moves by a constant step.
            let index = |x: u32| {
                let (sx, sy) = self.stored_pixel(x, y, stored_width, stored_height);
                sy as usize * stored_width as usize + sx as usize
            };
            let mut at = index(0) as isize;
            let step = if width > 1 { index(1) as isize - at } else { 0 };
            for _ in 0..width {
                let start = at as usize * bands;
                out.extend_from_slice(&stored[start..start + bands]);
                at += step;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Samples;

    /// The letter-like 3 x 2 picture "ABC / DEF", as each orientation stores it (EXIF 2.32, 4.6.4).
    const STORED: [(u8, u32, &[u8]); 8] = [
        (1, 3, b"ABCDEF"),
        (2, 3, b"CBAFED"),
        (3, 3, b"FEDCBA"),
        (4, 3, b"DEFABC"),
        (5, 2, b"ADBECF"),
        (6, 2, b"CFBEAD"),
        (7, 2, b"FCEBDA"),
        (8, 2, b"DAEBFC"),
    ];

    #[test]
    fn all_eight_come_upright_whole_and_by_rectangle() {
        for (value, width, stored) in STORED {
            let orientation = Orientation::from_exif(u32::from(value));
            let height = 6 / width;
            let raster = Raster {
                width,
                height,
                bands: 1,
                alpha: false,
                nodata: None,
                samples: Samples::U8(stored.to_vec()),
            };
            let upright = orientation.apply(raster.clone());
            assert_eq!((upright.width, upright.height), (3, 2), "{value}");
            assert_eq!(upright.samples, Samples::U8(b"ABCDEF".to_vec()), "{value}");
            // The right two columns of the lower row: "EF".
            let [x, y, w, h] = orientation.stored_rect([1, 1, 2, 1], width, height);
            let part = orientation.apply(raster.crop(x, y, w, h));
            assert_eq!(part.samples, Samples::U8(b"EF".to_vec()), "{value}");
        }
    }
}
