//! Recognising a file and reading its headers: everything that limits and plans need, before any
//! pixel is decoded.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use image::codecs::{bmp, gif, png, pnm, webp};
use image::{ColorType, ImageDecoder, ImageError};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::error::MediaError;
use crate::exif;
use crate::format::Format;
use crate::headers;
use crate::limits::Limits;
use crate::orient::Orientation;
use crate::raster::SampleFormat;
use crate::source::{ReadAt, read_start};
use crate::tiff;

/// What the headers of an image say.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Probe {
    /// The format, by content.
    #[n(0)]
    pub format: Format,
    /// Width in the file, in pixels.
    #[n(1)]
    pub stored_width: u32,
    /// Height in the file, in pixels.
    #[n(2)]
    pub stored_height: u32,
    /// What turns the stored image upright.
    #[n(3)]
    pub orientation: Orientation,
    /// Upright width: the frame of all coordinates and tiles.
    #[n(4)]
    pub width: u32,
    /// Upright height.
    #[n(5)]
    pub height: u32,
    /// Bands after decoding (palettes and CMYK count as RGB), alpha included.
    #[n(6)]
    pub bands: u16,
    /// Whether the last band is alpha.
    #[n(7)]
    pub alpha: bool,
    /// Sample type after decoding.
    #[n(8)]
    pub sample: SampleFormat,
    /// Whether the stored pixels are exact: decides between PNG and JPEG for tiles.
    #[n(9)]
    pub lossless: bool,
    /// Whether the file is stored in tiles.
    #[n(10)]
    pub tiled: bool,
    /// Upright sizes of the overviews that the file holds, largest first.
    #[n(11)]
    pub overviews: Vec<(u32, u32)>,
}

impl Probe {
    /// Bands without alpha.
    pub fn color_bands(&self) -> u16 {
        self.bands.saturating_sub(u16::from(self.alpha))
    }

    /// Whether display needs no stretch: 8 bits, gray or RGB (with or without alpha).
    pub fn is_plain(&self) -> bool {
        self.sample == SampleFormat::U8 && matches!(self.color_bands(), 1 | 3)
    }

    pub(crate) fn upright(mut self) -> Self {
        (self.width, self.height) =
            self.orientation.upright_size(self.stored_width, self.stored_height);
        self
    }
}

/// Bytes read at once for headers: as many as a program sends unasked with a request.
pub(crate) const HEADER: usize = 4 * 1024;

/// Reads the headers of an image and holds them against the limits. Allocates no pixels.
pub fn probe(source: &dyn ReadAt, limits: &Limits) -> Result<Probe, MediaError> {
    limits.check_file(source.size())?;
    let start = read_start(source, 64)?;
    let format = Format::recognise(&start).ok_or(MediaError::NotRecognised)?;
    match format {
        Format::Tiff => tiff::TiffFile::open(source, limits).map(|file| file.probe().clone()),
        Format::Jpeg => {
            check_whole(source, limits)?;
            let header = headers::jpeg(source)?;
            limits.check_pixels(u64::from(header.width), u64::from(header.height))?;
            let bands = if header.components == 1 { 1 } else { 3 };
            let found =
                simple(format, header.width, header.height, bands, false, SampleFormat::U8, false);
            let found = Probe { orientation: header.orientation, ..found }.upright();
            check_decoded(&found, limits)?;
            Ok(found)
        }
        _ => {
            check_whole(source, limits)?;
            let lossless = format != Format::WebP || headers::webp_is_lossless(source);
            let reader = BufReader::with_capacity(HEADER, SourceReader { source, at: 0 });
            let mut decoder = decoder(format, &start, reader, limits)?;
            let found = of_decoder(format, lossless, decoder.as_mut())?;
            check_decoded(&found, limits)?;
            Ok(found)
        }
    }
}

/// The decoder of one of the formats that the `image` crate reads for us, after its claimed size
/// has been allowed.
pub(crate) fn decoder<'a, R: BufRead + Seek + 'a>(
    format: Format,
    start: &[u8],
    reader: R,
    limits: &Limits,
) -> Result<Box<dyn ImageDecoder + 'a>, MediaError> {
    if let Some((width, height)) = headers::claimed_size(format, start) {
        check_size(format, width, height, limits)?;
    }
    let mut allocation = image::Limits::no_limits();
    // The decoder's own buffers beside the output; PNG and GIF take what they need from this.
    allocation.max_alloc = Some(limits.max_decoded_bytes);
    let failed = |error: ImageError| from_image(format, error);
    let mut decoder: Box<dyn ImageDecoder + 'a> = match format {
        Format::Png => {
            Box::new(png::PngDecoder::with_limits(reader, allocation.clone()).map_err(failed)?)
        }
        Format::Bmp => Box::new(bmp::BmpDecoder::new(reader).map_err(failed)?),
        Format::Gif => Box::new(gif::GifDecoder::new(reader).map_err(failed)?),
        Format::WebP => Box::new(webp::WebPDecoder::new(reader).map_err(failed)?),
        Format::Pnm => Box::new(pnm::PnmDecoder::new(reader).map_err(failed)?),
        Format::Jpeg | Format::Tiff => return Err(MediaError::NotRecognised),
    };
    let (width, height) = decoder.dimensions();
    check_size(format, u64::from(width), u64::from(height), limits)?;
    decoder.set_limits(allocation).map_err(failed)?;
    Ok(decoder)
}

/// What a decoder knows after reading the headers.
pub(crate) fn of_decoder(
    format: Format,
    lossless: bool,
    decoder: &mut dyn ImageDecoder,
) -> Result<Probe, MediaError> {
    let (width, height) = decoder.dimensions();
    let (bands, alpha, sample) = match decoder.color_type() {
        ColorType::L8 => (1, false, SampleFormat::U8),
        ColorType::La8 => (2, true, SampleFormat::U8),
        ColorType::Rgb8 => (3, false, SampleFormat::U8),
        ColorType::Rgba8 => (4, true, SampleFormat::U8),
        ColorType::L16 => (1, false, SampleFormat::U16),
        ColorType::La16 => (2, true, SampleFormat::U16),
        ColorType::Rgb16 => (3, false, SampleFormat::U16),
        ColorType::Rgba16 => (4, true, SampleFormat::U16),
        ColorType::Rgb32F => (3, false, SampleFormat::F32),
        ColorType::Rgba32F => (4, true, SampleFormat::F32),
        other => {
            return Err(MediaError::unsupported(format, format_args!("pixels of kind {other:?}")));
        }
    };
    // Unreadable metadata is no reason to refuse pixels.
    let orientation = match decoder.exif_metadata() {
        Ok(Some(block)) => exif::orientation(&block),
        _ => Orientation::UPRIGHT,
    };
    let found = simple(format, width, height, bands, alpha, sample, lossless);
    Ok(Probe { orientation, ..found }.upright())
}

fn simple(
    format: Format,
    width: u32,
    height: u32,
    bands: u16,
    alpha: bool,
    sample: SampleFormat,
    lossless: bool,
) -> Probe {
    Probe {
        format,
        stored_width: width,
        stored_height: height,
        orientation: Orientation::UPRIGHT,
        width,
        height,
        bands,
        alpha,
        sample,
        lossless,
        tiled: false,
        overviews: Vec::new(),
    }
}

fn check_size(format: Format, width: u64, height: u64, limits: &Limits) -> Result<(), MediaError> {
    if width == 0 || height == 0 {
        return Err(MediaError::damaged(format, "its width or height is zero"));
    }
    limits.check_pixels(width, height)
}

/// All formats but TIFF are decoded from and into memory as a whole.
fn check_whole(source: &dyn ReadAt, limits: &Limits) -> Result<(), MediaError> {
    let bytes = source.size();
    if bytes > limits.max_decoded_bytes {
        return Err(MediaError::FileTooLarge { bytes, limit: limits.max_decoded_bytes });
    }
    Ok(())
}

fn check_decoded(probe: &Probe, limits: &Limits) -> Result<(), MediaError> {
    let bytes = crate::raster::decoded_bytes(
        probe.stored_width,
        probe.stored_height,
        probe.bands,
        probe.sample,
    );
    limits.check_decoded(bytes).map(drop)
}

/// Sorts a decoder's error into ours.
pub(crate) fn from_image(format: Format, error: ImageError) -> MediaError {
    match error {
        ImageError::IoError(error) => headers::cut_or_failed(format, &error),
        ImageError::Unsupported(error) => MediaError::unsupported(format, error.kind_text()),
        ImageError::Limits(error) => MediaError::unsupported(
            format,
            format_args!("a need for memory beyond the limit ({error})"),
        ),
        other => MediaError::damaged(format, root_cause(&other)),
    }
}

trait KindText {
    fn kind_text(&self) -> String;
}

impl KindText for image::error::UnsupportedError {
    fn kind_text(&self) -> String {
        match self.kind() {
            image::error::UnsupportedErrorKind::Color(color) => format!("pixels of kind {color:?}"),
            image::error::UnsupportedErrorKind::GenericFeature(text) => text,
            _ => self.to_string(),
        }
    }
}

/// The innermost reason: outer layers only repeat the format's name.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// A source as the reader that decoders want.
struct SourceReader<'a> {
    source: &'a dyn ReadAt,
    at: u64,
}

impl Read for SourceReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.source.size().saturating_sub(self.at);
        let part = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.source.read_exact_at(self.at, &mut buffer[..part])?;
        self.at += part as u64;
        Ok(part)
    }
}

impl Seek for SourceReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
