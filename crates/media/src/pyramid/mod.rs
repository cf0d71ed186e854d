//! The tile pack: all levels of one image as one stream of bytes that is written front to back and
//! read at random.
//!
//! # Layout
//!
//! All numbers are little-endian.
//!
//! ```text
//! 8 bytes   "VMTILES1"
//! …         tiles, back to back, in the order in which they were made
//! n bytes   index: one CBOR item (RFC 8949)
//! 8 bytes   offset of the index
//! 8 bytes   length n of the index
//! 8 bytes   "VMTINDX1"
//! ```
//!
//! The index is an array:
//!
//! ```text
//! [ 0 version       1
//! , 1 width         upright width of level 0, pixels
//! , 2 height        upright height of level 0, pixels
//! , 3 bands         samples of a pixel, alpha included
//! , 4 alpha         true where the last band is alpha
//! , 5 sample        0 u8, 1 u16, 2 u32, 3 i16, 4 i32, 5 f32, 6 f64
//! , 6 nodata        f64 or null
//! , 7 codec         0 JPEG, 1 deflate
//! , 8 lossless      true where the source was exact
//! , 9 statistics    [[ [quantiles: 201 or 0 f64], mean f64, [histogram: 256 counts] ] … a band]
//! , 10 levels       byte strings, full resolution first: 12 bytes a tile in row order,
//!                   offset (8) from the start of the pack and length (4)
//! ]
//! ```
//!
//! Level `n` has sides of `ceil(side / 2^n)`; tiles are 512 px, smaller at the right and bottom
//! edge; the last level is one tile. A pixel of a level is the mean of the (up to) 2 x 2 pixels
//! below it, without NaN and no-data values.
//!
//! * **JPEG** tiles: baseline, quality 90, one or three components. Used for lossy 8-bit sources.
//! * **Deflate** tiles: a zlib stream (RFC 1950) of little-endian samples, bands interleaved; each
//!   row stores byte differences: every byte minus (modulo 256) the byte one pixel to its left.
//!
//! The same image gives the same bytes. A pack is derived data: it can be deleted and built again.

mod codec;
mod read;
mod write;

pub use codec::{Codec, StoredTile, TileShape};
pub use read::PackReader;
pub use write::{PackSummary, build};

use minicbor::{Decode, Encode};

use crate::probe::Probe;
use crate::raster::SampleFormat;
use crate::statistics::Statistics;

pub(crate) const START: &[u8; 8] = b"VMTILES1";
pub(crate) const END: &[u8; 8] = b"VMTINDX1";
pub(crate) const FOOTER: u64 = 24;
const VERSION: u8 = 1;

/// Sides beyond which an image wants a pack.
const PLAIN_SIDE: u32 = 4096;

/// Whether an image should get a pack: one that is larger than 4096 px on a side and has no
/// overviews of its own.
pub fn wants_pyramid(probe: &Probe) -> bool {
    probe.width.max(probe.height) > PLAIN_SIDE && probe.overviews.is_empty()
}

/// The index of a pack.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
struct Index {
    #[n(0)]
    version: u8,
    #[n(1)]
    width: u32,
    #[n(2)]
    height: u32,
    #[n(3)]
    bands: u16,
    #[n(4)]
    alpha: bool,
    #[n(5)]
    sample: SampleFormat,
    #[n(6)]
    nodata: Option<f64>,
    #[n(7)]
    codec: Codec,
    #[n(8)]
    lossless: bool,
    #[n(9)]
    statistics: Statistics,
    #[n(10)]
    levels: Vec<minicbor::bytes::ByteVec>,
}
