//! 8-bit pictures to JPEG and PNG, and JPEG tiles of packs back.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::error::MediaError;
use crate::headers;
use crate::render::Picture;

/// How strongly a JPEG is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quality {
    /// Quality 90, colour at full resolution: looked at closely.
    Tile,
    /// Quality 85, colour at half resolution: half the work, no difference at that size.
    Thumbnail,
}

/// How an encoded picture is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cbor(index_only)]
pub enum Encoding {
    /// Baseline JPEG.
    #[n(0)]
    Jpeg,
    /// PNG, compressed for speed.
    #[n(1)]
    Png,
}

impl Encoding {
    /// The registered media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// JPEG for images that are lossy already, PNG for exact ones.
    pub(crate) fn for_source(lossless: bool) -> Self {
        if lossless { Self::Png } else { Self::Jpeg }
    }
}

/// An encoded picture, ready for the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// How `bytes` are stored.
    pub encoding: Encoding,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

pub(crate) fn encode(
    picture: &Picture,
    encoding: Encoding,
    quality: Quality,
) -> Result<Encoded, MediaError> {
    let mut bytes = Vec::with_capacity(picture.pixels.len() / 4);
    match encoding {
        Encoding::Jpeg => encode_jpeg(picture, quality, &mut bytes)?,
        Encoding::Png => {
            let colour =
                if picture.channels == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
            PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Up)
                .write_image(&picture.pixels, picture.width, picture.height, colour)
                .map_err(failed)?;
        }
    }
    Ok(Encoded { encoding, width: picture.width, height: picture.height, bytes })
}

fn encode_jpeg(picture: &Picture, quality: Quality, bytes: &mut Vec<u8>) -> Result<(), MediaError> {
    let (quality, sampling) = match quality {
        Quality::Tile => (90, SamplingFactor::R_4_4_4),
        Quality::Thumbnail => (85, SamplingFactor::R_4_2_0),
    };
    let width = u16::try_from(picture.width).map_err(failed)?;
    let height = u16::try_from(picture.height).map_err(failed)?;
    let colour = if picture.channels == 1 { ColorType::Luma } else { ColorType::Rgb };
    let mut encoder = Encoder::new(bytes, quality);
    encoder.set_sampling_factor(sampling);
    encoder.encode(&picture.pixels, width, height, colour).map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> MediaError {
    MediaError::Encode { detail: error.to_string() }
}

/// Decodes a JPEG that must have exactly this shape. `None` where it has not.
pub(crate) fn decode_jpeg(bytes: &[u8], width: u32, height: u32, channels: u8) -> Option<Vec<u8>> {
    headers::jpeg(&bytes).ok()?;
    let space = if channels == 1 { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = DecoderOptions::default()
        .set_max_width(width as usize)
        .set_max_height(height as usize)
        .jpeg_set_out_colorspace(space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().ok()?;
    if decoder.dimensions()? != (width as usize, height as usize) {
        return None;
    }
    let pixels = decoder.decode().ok()?;
    (pixels.len() == width as usize * height as usize * usize::from(channels)).then_some(pixels)
}
