//! Decoding a whole image into memory, upright, at its own depth.

use std::io::Cursor;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::error::MediaError;
use crate::format::Format;
use crate::headers;
use crate::limits::Limits;
use crate::probe::{self, Probe};
use crate::raster::{Raster, SampleFormat, Samples, decoded_bytes};
use crate::source::{ReadAt, read_all, read_start};
use crate::tiff::TiffFile;

/// Decodes all of an image. Refused where the pixels would not fit
/// [`Limits::max_decoded_bytes`]; [`crate::OpenedImage`] reads such TIFFs in parts.
pub fn decode(source: &dyn ReadAt, limits: &Limits) -> Result<(Probe, Raster), MediaError> {
    limits.check_file(source.size())?;
    let start = read_start(source, 64)?;
    match Format::recognise(&start).ok_or(MediaError::NotRecognised)? {
        Format::Tiff => {
            let mut file = TiffFile::open(source, limits)?;
            let probe = file.probe().clone();
            let raster = file.region(0, [0, 0, probe.stored_width, probe.stored_height])?;
            Ok((probe.clone(), probe.orientation.apply(raster)))
        }
        Format::Jpeg => {
            let bytes = read_all(source, limits.max_decoded_bytes)?;
            let probe = probe::probe(&&bytes[..], limits)?;
            let raster = jpeg(&probe, &bytes)?;
            Ok((probe.clone(), probe.orientation.apply(raster)))
        }
        format => simple(source, format, &start, limits),
    }
}

fn simple(
    source: &dyn ReadAt,
    format: Format,
    start: &[u8],
    limits: &Limits,
) -> Result<(Probe, Raster), MediaError> {
    let bytes = read_all(source, limits.max_decoded_bytes)?;
    if format == Format::WebP && !headers::webp_frame_fits(&&bytes[..]) {
        return Err(MediaError::damaged(format, "a frame's picture is not as large as the frame"));
    }
    let lossless = format != Format::WebP || headers::webp_is_lossless(&&bytes[..]);
    let mut decoder = probe::decoder(format, start, Cursor::new(&bytes[..]), limits)?;
    let found = probe::of_decoder(format, lossless, decoder.as_mut())?;
    let size = decoded_bytes(found.stored_width, found.stored_height, found.bands, found.sample);
    let mut pixels = vec![0; limits.check_decoded(size)?];
    if decoder.total_bytes() != size {
        return Err(MediaError::damaged(format, "its decoder gives another size than its headers"));
    }
    decoder.read_image_boxed(&mut pixels).map_err(|error| probe::from_image(format, error))?;
    let raster = Raster {
        width: found.stored_width,
        height: found.stored_height,
        bands: found.bands,
        alpha: found.alpha,
        nodata: None,
        samples: from_native(found.sample, pixels),
    };
    let upright = found.orientation.apply(raster);
    Ok((found, upright))
}

/// The `image` crate gives native-endian bytes.
fn from_native(format: SampleFormat, mut bytes: Vec<u8>) -> Samples {
    if cfg!(target_endian = "big") {
        bytes.chunks_exact_mut(format.bytes()).for_each(<[u8]>::reverse);
    }
    Samples::from_le_bytes(format, bytes)
}

/// Decodes a JPEG, stored orientation. CMYK and YCCK become RGB.
///
/// The decoder fills what is missing with gray instead of failing, which would turn a damaged file
/// into wrong pixels; so a file without an end-of-image marker is refused first.
fn jpeg(probe: &Probe, bytes: &[u8]) -> Result<Raster, MediaError> {
    let header = headers::jpeg(&bytes)?;
    if !headers::jpeg_ends(bytes, header.scan) {
        return Err(MediaError::Truncated { format: Format::Jpeg });
    }
    let space = if probe.bands == 1 { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(probe.stored_width as usize)
        .set_max_height(probe.stored_height as usize)
        .jpeg_set_out_colorspace(space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let failed = |error: zune_jpeg::errors::DecodeErrors| MediaError::damaged(Format::Jpeg, error);
    decoder.decode_headers().map_err(failed)?;
    let expected = (probe.stored_width as usize, probe.stored_height as usize);
    if decoder.dimensions() != Some(expected) {
        return Err(MediaError::damaged(Format::Jpeg, "its frame headers disagree"));
    }
    let pixels = decoder.decode().map_err(failed)?;
    if pixels.len() != expected.0 * expected.1 * usize::from(probe.bands) {
        return Err(MediaError::damaged(
            Format::Jpeg,
            "its decoder gives another size than its headers",
        ));
    }
    Ok(Raster {
        width: probe.stored_width,
        height: probe.stored_height,
        bands: probe.bands,
        alpha: false,
        nodata: None,
        samples: Samples::U8(pixels),
    })
}
