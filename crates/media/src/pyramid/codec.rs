//! One tile of a pack: encoded, and decoded again.

use std::io::{Read as _, Write as _};

use minicbor::{Decode, Encode};

use crate::encode::{Encoded, Encoding, Quality, decode_jpeg, encode};
use crate::error::MediaError;
use crate::levels::TILE;
use crate::raster::{Raster, SampleFormat, Samples};
use crate::render::{Picture, Rendering, picture};
use crate::statistics::Statistics;

/// How the tiles of a pack are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Codec {
    /// Baseline JPEG, quality 90.
    #[n(0)]
    Jpeg,
    /// zlib over byte differences.
    #[n(1)]
    Deflate,
}

/// What a tile's pixels look like.
#[derive(Debug, Clone, Copy, PartialEq, Encode, Decode)]
pub struct TileShape {
    /// Width in pixels, at most 512.
    #[n(0)]
    pub width: u32,
    /// Height in pixels, at most 512.
    #[n(1)]
    pub height: u32,
    /// Samples of a pixel, alpha included.
    #[n(2)]
    pub bands: u16,
    /// Whether the last band is alpha.
    #[n(3)]
    pub alpha: bool,
    /// Sample type.
    #[n(4)]
    pub sample: SampleFormat,
    /// The value that stands for "no data".
    #[n(5)]
    pub nodata: Option<f64>,
    /// How the bytes are stored.
    #[n(6)]
    pub codec: Codec,
    /// Whether the source was exact: shown as PNG then, else as JPEG.
    #[n(7)]
    pub lossless: bool,
}

/// A tile as it lies in a pack.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTile {
    /// What its pixels look like.
    pub shape: TileShape,
    /// The stored bytes. With [`Codec::Jpeg`] a complete JPEG file that can be shown as it is.
    pub bytes: Vec<u8>,
}

impl TileShape {
    /// Bytes of the decoded samples.
    fn size(&self) -> Option<usize> {
        let fits =
            (1..=TILE).contains(&self.width) && (1..=TILE).contains(&self.height) && self.bands > 0;
        fits.then(|| {
            self.width as usize
                * self.height as usize
                * usize::from(self.bands)
                * self.sample.bytes()
        })
    }
}

impl StoredTile {
    /// The tile's samples at native depth.
    pub fn decode(&self) -> Result<Raster, MediaError> {
        let damaged = || MediaError::PackDamaged { detail: "a tile can't be decoded".into() };
        let shape = self.shape;
        let size = shape.size().ok_or_else(damaged)?;
        let samples = match shape.codec {
            Codec::Jpeg => {
                let channels = u8::try_from(shape.bands)
                    .ok()
                    .filter(|b| matches!(b, 1 | 3))
                    .ok_or_else(damaged)?;
                if shape.sample != SampleFormat::U8 {
                    return Err(damaged());
                }
                Samples::U8(
                    decode_jpeg(&self.bytes, shape.width, shape.height, channels)
                        .ok_or_else(damaged)?,
                )
            }
            Codec::Deflate => {
                let mut bytes = vec![0; size];
                flate2::read::ZlibDecoder::new(&self.bytes[..])
                    .read_exact(&mut bytes)
                    .map_err(|_| damaged())?;
                let step = usize::from(shape.bands) * shape.sample.bytes();
                for row in bytes.chunks_exact_mut(shape.width as usize * step) {
                    for at in step..row.len() {
                        row[at] = row[at].wrapping_add(row[at - step]);
                    }
                }
                Samples::from_le_bytes(shape.sample, bytes)
            }
        };
        Ok(Raster {
            width: shape.width,
            height: shape.height,
            bands: shape.bands,
            alpha: shape.alpha,
            nodata: shape.nodata,
            samples,
        })
    }

    /// The tile as the screen shows it.
    pub fn render(
        &self,
        statistics: &Statistics,
        rendering: &Rendering,
    ) -> Result<Encoded, MediaError> {
        let shown = picture(&self.decode()?, statistics, rendering)?;
        encode(&shown, Encoding::for_source(self.shape.lossless), Quality::Tile)
    }
}

/// The codec for a source.
pub(super) fn choose(raster: &Raster, lossless: bool) -> Codec {
    let plain =
        raster.format() == SampleFormat::U8 && !raster.alpha && matches!(raster.bands, 1 | 3);
    if plain && !lossless && raster.nodata.is_none() { Codec::Jpeg } else { Codec::Deflate }
}

/// Encodes a tile's samples.
pub(super) fn store(tile: &Raster, codec: Codec) -> Result<Vec<u8>, MediaError> {
    let failed = |detail: String| MediaError::Encode { detail };
    match (codec, &tile.samples) {
        (Codec::Jpeg, Samples::U8(pixels)) => {
            let channels = u8::try_from(tile.bands).map_err(|e| failed(e.to_string()))?;
            let picture = Picture {
                width: tile.width,
                height: tile.height,
                channels,
                pixels: pixels.clone(),
            };
            Ok(encode(&picture, Encoding::Jpeg, Quality::Tile)?.bytes)
        }
        (_, samples) => {
            let mut bytes = samples.to_le_bytes();
            let step = usize::from(tile.bands) * samples.format().bytes();
            for row in bytes.chunks_exact_mut(tile.width as usize * step) {
                for at in (step..row.len()).rev() {
                    row[at] = row[at].wrapping_sub(row[at - step]);
                }
            }
            let mut encoder =
                flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&bytes).map_err(|e| failed(e.to_string()))?;
            encoder.finish().map_err(|e| failed(e.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::SampleFormat;

    #[test]
    fn deflate_tiles_are_exact_at_every_depth() {
        for sample in [
            SampleFormat::U8,
            SampleFormat::U16,
            SampleFormat::U32,
            SampleFormat::I16,
            SampleFormat::I32,
            SampleFormat::F32,
            SampleFormat::F64,
        ] {
            let bytes: Vec<u8> =
                (0..7 * 5 * 3 * sample.bytes()).map(|i| ((i * i) >> 2) as u8).collect();
            let samples = Samples::from_le_bytes(sample, bytes.clone());
            let tile =
                Raster { width: 7, height: 5, bands: 3, alpha: false, nodata: None, samples };
            let stored = StoredTile {
                shape: TileShape {
                    width: 7,
                    height: 5,
                    bands: 3,
                    alpha: false,
                    sample,
                    nodata: None,
                    codec: Codec::Deflate,
                    lossless: true,
                },
                bytes: store(&tile, Codec::Deflate).unwrap(),
            };
            assert_eq!(stored.decode().unwrap().samples.to_le_bytes(), bytes, "{sample:?}");
            for cut in 0..stored.bytes.len() - 4 {
                let part = StoredTile { bytes: stored.bytes[..cut].to_vec(), ..stored.clone() };
                // All pixels may be there before the checksum is.
                if let Ok(raster) = part.decode() {
                    assert_eq!(raster.samples.to_le_bytes(), bytes);
                }
            }
        }
    }
}
