//! What one directory says about its pixels: depth, colour, compression, and where its chunks
//! (strips or tiles) lie.

use crate::error::MediaError;
use crate::format::Format;
use crate::limits::Limits;
use crate::raster::{SampleFormat, decoded_bytes};
use crate::tiff::ifd::{Directory, Numbers};

/// Tags (TIFF 6.0 appendix A; GDAL_NODATA is GDAL's).
pub(super) mod tag {
    pub(crate) const SUBFILE_TYPE: u16 = 254;
    pub(super) const WIDTH: u16 = 256;
    pub(super) const HEIGHT: u16 = 257;
    pub(super) const BITS: u16 = 258;
    pub(super) const COMPRESSION: u16 = 259;
    pub(super) const PHOTOMETRIC: u16 = 262;
    pub(super) const FILL_ORDER: u16 = 266;
    pub(super) const STRIP_OFFSETS: u16 = 273;
    pub(crate) const ORIENTATION: u16 = 274;
    pub(super) const SAMPLES: u16 = 277;
    pub(super) const ROWS_PER_STRIP: u16 = 278;
    pub(super) const STRIP_COUNTS: u16 = 279;
    pub(super) const PLANAR: u16 = 284;
    pub(super) const PREDICTOR: u16 = 317;
    pub(super) const PALETTE: u16 = 320;
    pub(super) const TILE_WIDTH: u16 = 322;
    pub(super) const TILE_HEIGHT: u16 = 323;
    pub(super) const TILE_OFFSETS: u16 = 324;
    pub(super) const TILE_COUNTS: u16 = 325;
    pub(super) const EXTRA_SAMPLES: u16 = 338;
    pub(super) const SAMPLE_FORMAT: u16 = 339;
    pub(super) const JPEG_TABLES: u16 = 347;
    pub(super) const SUBSAMPLING: u16 = 530;
    pub(crate) const NODATA: u16 = 42113;
}

/// Chunks of one image.
const MAX_CHUNKS: u64 = 4_000_000;

/// How chunks are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Lzw,
    Deflate,
    PackBits,
    Jpeg,
    Fax4,
}

/// Differencing before compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Predictor {
    None,
    Horizontal,
    Float,
}

/// What the sample values mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Photometric {
    /// Gray, and every band beyond colour: values as they are.
    Plain,
    WhiteIsZero,
    Rgb,
    /// Entries of the palette, as 8-bit RGB.
    Palette(Vec<[u8; 3]>),
    Cmyk,
    /// Luma and full-resolution chroma (subsampled only inside JPEG, which undoes it).
    YCbCr,
}

/// Kinds of numbers in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Unsigned,
    Signed,
    Float,
}

/// One image of the file.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bits: u16,
    pub(super) kind: Kind,
    /// Samples of a pixel in the file.
    pub(super) samples: u16,
    pub(super) planar: bool,
    pub(super) photometric: Photometric,
    /// Whether the sample after the colours is alpha.
    pub(super) alpha: bool,
    pub(super) compression: Compression,
    pub(super) predictor: Predictor,
    pub(super) reversed_bits: bool,
    pub(super) big_endian: bool,
    pub(super) jpeg_tables: Option<Vec<u8>>,
    pub(super) tiled: bool,
    pub(super) chunk_width: u32,
    pub(super) chunk_height: u32,
    offsets: Vec<u64>,
    counts: Vec<u64>,
}

fn damaged(detail: impl std::fmt::Display) -> MediaError {
    MediaError::damaged(Format::Tiff, detail)
}

fn unsupported(feature: impl std::fmt::Display) -> MediaError {
    MediaError::unsupported(Format::Tiff, feature)
}

impl Layout {
    /// Reads and checks one directory. `with_chunks` also reads where the chunks lie.
    pub(super) fn read(
        numbers: &Numbers<'_>,
        directory: &Directory,
        limits: &Limits,
    ) -> Result<Self, MediaError> {
        let one = |tag: u16| numbers.one(directory, tag);
        let (Some(width), Some(height)) = (one(tag::WIDTH)?, one(tag::HEIGHT)?) else {
            return Err(damaged("its width or height is missing"));
        };
        if width == 0 || height == 0 {
            return Err(damaged("its width or height is zero"));
        }
        limits.check_pixels(width, height)?;
        let (Ok(width), Ok(height)) = (u32::try_from(width), u32::try_from(height)) else {
            return Err(MediaError::TooManyPixels { width, height, limit: limits.max_pixels });
        };
        let samples = one(tag::SAMPLES)?.unwrap_or(1);
        let samples = u32::try_from(samples).unwrap_or(u32::MAX);
        if samples == 0 {
            return Err(damaged("it has no bands"));
        }
        limits.check_bands(samples)?;
        let samples = u16::try_from(samples).map_err(damaged)?;
        let bits =
            uniform(&numbers.list(directory, tag::BITS, 1 << 16)?, 1, "bands of different depths")?;
        let kind = match uniform(
            &numbers.list(directory, tag::SAMPLE_FORMAT, 1 << 16)?,
            1,
            "bands of different kinds",
        )? {
            1 | 4 => Kind::Unsigned,
            2 => Kind::Signed,
            3 => Kind::Float,
            other => {
                return Err(unsupported(format_args!(
                    "samples of kind {other} (complex numbers?)"
                )));
            }
        };
        let bits = match (kind, bits) {
            (Kind::Unsigned, 1..=32 | 64)
            | (Kind::Signed, 8 | 16 | 32 | 64)
            | (Kind::Float, 16 | 32 | 64) => bits as u16,
            (_, bits) => return Err(unsupported(format_args!("{bits}-bit samples of this kind"))),
        };
        let compression = match one(tag::COMPRESSION)?.unwrap_or(1) {
            1 => Compression::None,
            5 => Compression::Lzw,
            8 | 32946 => Compression::Deflate,
            32773 => Compression::PackBits,
            7 => Compression::Jpeg,
            4 => Compression::Fax4,
            other => {
                return Err(unsupported(format_args!("{} compression", compression_name(other))));
            }
        };
        let predictor = match one(tag::PREDICTOR)?.unwrap_or(1) {
            1 => Predictor::None,
            2 => Predictor::Horizontal,
            3 => Predictor::Float,
            other => return Err(damaged(format_args!("its predictor {other} does not exist"))),
        };
        let planar = one(tag::PLANAR)?.unwrap_or(1) == 2 && samples > 1;
        let mut layout = Self {
            width,
            height,
            bits,
            kind,
            samples,
            planar,
            photometric: Photometric::Plain,
            alpha: false,
            compression,
            predictor,
            reversed_bits: one(tag::FILL_ORDER)?.unwrap_or(1) == 2,
            big_endian: numbers.order.big_endian,
            jpeg_tables: numbers.blob(directory, tag::JPEG_TABLES, 1 << 20)?,
            tiled: directory.has(tag::TILE_OFFSETS),
            chunk_width: width,
            chunk_height: height,
            offsets: Vec::new(),
            counts: Vec::new(),
        };
        layout.read_colour(numbers, directory)?;
        layout.check_coding()?;
        layout.read_chunks(numbers, directory, limits)?;
        Ok(layout)
    }

    fn read_colour(
        &mut self,
        numbers: &Numbers<'_>,
        directory: &Directory,
    ) -> Result<(), MediaError> {
        let guess = if self.samples >= 3 { 2 } else { 1 };
        let code = numbers.one(directory, tag::PHOTOMETRIC)?.unwrap_or(guess);
        let (photometric, colours) = match code {
            0 => (Photometric::WhiteIsZero, 1),
            1 | 32803 | 34892 => (Photometric::Plain, 1),
            2 => (Photometric::Rgb, 3),
            3 => (Photometric::Palette(self.palette(numbers, directory)?), 1),
            4 => (Photometric::Plain, 1),
            5 => (Photometric::Cmyk, 4),
            6 => (Photometric::YCbCr, 3),
            8..=10 => return Err(unsupported("CIE L*a*b* colours")),
            other => return Err(unsupported(format_args!("colours of kind {other}"))),
        };
        if self.samples < colours {
            return Err(damaged(format_args!(
                "its colours need {colours} bands, it has {}",
                self.samples
            )));
        }
        let eight_bits = self.bits == 8 && self.kind == Kind::Unsigned;
        let needs_eight = matches!(photometric, Photometric::Cmyk | Photometric::YCbCr);
        if needs_eight && !eight_bits {
            return Err(unsupported(format_args!("CMYK or YCbCr of {} bits", self.bits)));
        }
        if photometric == Photometric::YCbCr && self.compression != Compression::Jpeg {
            let subsampling = numbers.list(directory, tag::SUBSAMPLING, 16)?;
            if subsampling != [1, 1] {
                return Err(unsupported("subsampled YCbCr outside JPEG"));
            }
        }
        let extra = numbers.list(directory, tag::EXTRA_SAMPLES, 1 << 16)?;
        // 1 is associated, 2 unassociated alpha; only right after the colours can it be used.
        self.alpha = self.samples == colours + 1 && matches!(extra.first(), Some(1 | 2));
        // Palettes and CMYK are converted as a whole pixel; extra bands have no place there.
        if self.samples != colours
            && matches!(
                photometric,
                Photometric::Palette(_) | Photometric::Cmyk | Photometric::YCbCr
            )
        {
            return Err(unsupported("extra bands beside palette, CMYK or YCbCr"));
        }
        self.photometric = photometric;
        Ok(())
    }

    /// Three runs of `2^bits` 16-bit values: all reds, all greens, all blues.
    fn palette(
        &self,
        numbers: &Numbers<'_>,
        directory: &Directory,
    ) -> Result<Vec<[u8; 3]>, MediaError> {
        if !matches!(self.bits, 1..=8 | 16) || self.kind != Kind::Unsigned {
            return Err(unsupported(format_args!("a palette of {} bits", self.bits)));
        }
        let values = numbers.list(directory, tag::PALETTE, 3 << 16)?;
        let entries = 1 << self.bits;
        if values.len() < 3 * entries {
            return Err(damaged("its palette is too short"));
        }
        // Some writers store 8-bit values where 16-bit ones belong.
        let shift = if values.iter().all(|v| *v < 256) { 0 } else { 8 };
        let channel =
            |run: usize, index: usize| (values[run * entries + index] >> shift).min(255) as u8;
        Ok((0..entries).map(|i| [channel(0, i), channel(1, i), channel(2, i)]).collect())
    }

    fn check_coding(&self) -> Result<(), MediaError> {
        match self.compression {
            Compression::Jpeg if self.bits != 8 || self.kind != Kind::Unsigned => {
                return Err(unsupported(format_args!("JPEG compression of {} bits", self.bits)));
            }
            Compression::Jpeg if !self.planar && !matches!(self.samples, 1 | 3 | 4) => {
                return Err(unsupported(format_args!(
                    "JPEG compression of {} bands",
                    self.samples
                )));
            }
            Compression::Fax4 if self.bits != 1 || self.samples != 1 => {
                return Err(damaged("its fax compression needs one band of one bit"));
            }
            _ => {}
        }
        match self.predictor {
            Predictor::Horizontal if !matches!(self.bits, 8 | 16 | 32 | 64) => {
                Err(unsupported(format_args!("a predictor with {} bits", self.bits)))
            }
            Predictor::Float if self.kind != Kind::Float => {
                Err(damaged("its predictor is for floats, its samples are not"))
            }
            _ => Ok(()),
        }
    }

    fn read_chunks(
        &mut self,
        numbers: &Numbers<'_>,
        directory: &Directory,
        limits: &Limits,
    ) -> Result<(), MediaError> {
        let (offsets_tag, counts_tag) = if self.tiled {
            let (Some(w), Some(h)) = (
                numbers.one(directory, tag::TILE_WIDTH)?,
                numbers.one(directory, tag::TILE_HEIGHT)?,
            ) else {
                return Err(damaged("the size of its tiles is missing"));
            };
            self.chunk_width = u32::try_from(w).map_err(damaged)?;
            self.chunk_height = u32::try_from(h).map_err(damaged)?;
            (tag::TILE_OFFSETS, tag::TILE_COUNTS)
        } else {
            let rows =
                numbers.one(directory, tag::ROWS_PER_STRIP)?.unwrap_or(u64::from(self.height));
            self.chunk_height = u32::try_from(rows).unwrap_or(u32::MAX).min(self.height);
            (tag::STRIP_OFFSETS, tag::STRIP_COUNTS)
        };
        if self.chunk_width == 0 || self.chunk_height == 0 {
            return Err(damaged("the size of its strips or tiles is zero"));
        }
        // One chunk is decoded as a whole.
        let most = decoded_bytes(
            self.chunk_width,
            self.chunk_height,
            self.chunk_samples(),
            self.raw_format(),
        );
        limits.check_decoded(most)?;
        let planes = if self.planar { u64::from(self.samples) } else { 1 };
        let needed = u64::from(self.across()) * u64::from(self.down()) * planes;
        if needed > MAX_CHUNKS {
            return Err(unsupported(format_args!("{needed} strips or tiles")));
        }
        if directory.count(offsets_tag) < needed {
            return Err(damaged(format_args!(
                "it lists {} of {needed} strips or tiles",
                directory.count(offsets_tag)
            )));
        }
        self.offsets = numbers.list(directory, offsets_tag, MAX_CHUNKS)?;
        self.counts = numbers.list(directory, counts_tag, MAX_CHUNKS)?;
        if self.counts.is_empty() && self.compression == Compression::None {
            // Old writers leave the counts out where they can be computed.
            let bytes = self.chunk_bytes(self.chunk_height);
            self.counts = vec![bytes; self.offsets.len()];
        }
        if (self.counts.len() as u64) < needed {
            return Err(damaged("the sizes of its strips or tiles are missing"));
        }
        Ok(())
    }

    /// Chunks in a row of chunks.
    pub(super) fn across(&self) -> u32 {
        self.width.div_ceil(self.chunk_width)
    }

    /// Rows of chunks.
    pub(super) fn down(&self) -> u32 {
        self.height.div_ceil(self.chunk_height)
    }

    /// Chunks of one plane.
    pub(super) fn chunks_in_plane(&self) -> u32 {
        // Within MAX_CHUNKS, checked when read.
        self.across() * self.down()
    }

    /// Planes that are stored apart.
    pub(super) fn planes(&self) -> u16 {
        if self.planar { self.samples } else { 1 }
    }

    /// Samples of a pixel within one chunk.
    pub(super) fn chunk_samples(&self) -> u16 {
        if self.planar { 1 } else { self.samples }
    }

    /// Rows that a chunk stores: strips end with the image, tiles are padded.
    pub(super) fn chunk_rows(&self, chunk: u32) -> u32 {
        if self.tiled {
            return self.chunk_height;
        }
        let row = (chunk % self.chunks_in_plane()) / self.across();
        self.chunk_height.min(self.height - row * self.chunk_height)
    }

    /// Bytes of one decompressed row of a chunk; rows are padded to whole bytes.
    pub(super) fn row_bytes(&self) -> u64 {
        (u64::from(self.chunk_width) * u64::from(self.chunk_samples()) * u64::from(self.bits))
            .div_ceil(8)
    }

    /// Bytes of `rows` decompressed rows.
    pub(super) fn chunk_bytes(&self, rows: u32) -> u64 {
        self.row_bytes() * u64::from(rows)
    }

    /// Where a chunk lies: `(offset, bytes)`. `(0, 0)` is a chunk that was never written.
    pub(super) fn chunk(&self, index: u32) -> Option<(u64, u64)> {
        Some((*self.offsets.get(index as usize)?, *self.counts.get(index as usize)?))
    }

    /// The sample type of decoded chunks, before palette and colour conversion.
    pub(super) fn raw_format(&self) -> SampleFormat {
        match (self.kind, self.bits) {
            (Kind::Unsigned, ..=8) => SampleFormat::U8,
            (Kind::Unsigned, 9..=16) => SampleFormat::U16,
            (Kind::Unsigned, 17..=32) => SampleFormat::U32,
            (Kind::Signed, ..=16) => SampleFormat::I16,
            (Kind::Signed, 17..=32) => SampleFormat::I32,
            (Kind::Float, ..=32) => SampleFormat::F32,
            _ => SampleFormat::F64,
        }
    }

    /// The shape of decoded pixels: bands and sample type.
    pub(super) fn decoded(&self) -> (u16, SampleFormat) {
        match self.photometric {
            Photometric::Palette(_) | Photometric::Cmyk => (3, SampleFormat::U8),
            _ => (self.samples, self.raw_format()),
        }
    }
}

/// The value that a per-band tag repeats.
fn uniform(values: &[u64], default: u64, otherwise: &str) -> Result<u64, MediaError> {
    let first = values.first().copied().unwrap_or(default);
    if values.iter().any(|value| *value != first) {
        return Err(unsupported(otherwise));
    }
    Ok(first)
}

fn compression_name(code: u64) -> String {
    match code {
        2 | 3 => "CCITT group 3 fax".into(),
        6 => "old-style JPEG".into(),
        34712 | 33003 | 33005 => "JPEG 2000".into(),
        34887 => "LERC".into(),
        34925 => "LZMA".into(),
        50000 => "Zstandard".into(),
        50001 => "WebP".into(),
        50002 | 52546 => "JPEG XL".into(),
        other => format!("type {other}"),
    }
}
