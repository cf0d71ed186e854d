//! TIFF, read in parts: only the strips or tiles that a rectangle needs, at full resolution or from
//! the file's own overviews.
//!
//! Container and chunks are read here rather than by a general TIFF crate because viewing needs
//! what those hide: sparse tiles, palettes, bands beyond colour, planes stored apart, single
//! chunks at random, and a refusal of every claimed size before it is allocated.
//!
//! * [`ifd`]: header, directories, tag values.
//! * [`layout`]: what a directory says about its pixels.
//! * [`chunk`]: one strip or tile to samples.
//!
//! The image is the first directory; later ones count as overviews where their subfile type says
//! "reduced resolution", their pixels have the same shape and their proportions agree. Masks and
//! further pages are not read.

mod chunk;
mod ifd;
mod layout;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::error::MediaError;
use crate::format::Format;
use crate::limits::Limits;
use crate::orient::Orientation;
use crate::probe::Probe;
use crate::raster::{Raster, Sample, Samples, for_samples};
use crate::source::ReadAt;
use ifd::Numbers;
use layout::{Compression, Layout, Photometric, tag};

/// Decoded chunks kept for neighbours, in bytes.
const CACHE_BYTES: usize = 96 << 20;

/// An open TIFF.
pub(crate) struct TiffFile<S> {
    source: S,
    limits: Limits,
    /// Full resolution, then overviews from large to small.
    images: Vec<Layout>,
    probe: Probe,
    nodata: Option<f64>,
    cache: Cache,
}

impl<S: ReadAt> TiffFile<S> {
    /// Reads directories and chunk positions; decodes nothing.
    pub(crate) fn open(source: S, limits: &Limits) -> Result<Self, MediaError> {
        limits.check_file(source.size())?;
        let container = ifd::read(&source)?;
        let numbers = Numbers { source: &source, order: container.order };
        let [first, rest @ ..] = &container.directories[..] else {
            return Err(MediaError::damaged(Format::Tiff, "it has no image directory"));
        };
        let full = Layout::read(&numbers, first, limits)?;
        let orientation = numbers.one(first, tag::ORIENTATION).ok().flatten().unwrap_or(1);
        let nodata = numbers.blob(first, tag::NODATA, 64).ok().flatten().and_then(|text| {
            String::from_utf8_lossy(&text).trim_matches(['\0', ' ']).parse::<f64>().ok()
        });
        let mut images = vec![full];
        for directory in rest {
            let subfile = numbers.one(directory, tag::SUBFILE_TYPE).ok().flatten().unwrap_or(0);
            // Bit 0: reduced resolution. Bit 2: transparency mask.
            if subfile & 0b101 != 1 {
                continue;
            }
            // An overview that can't be read is as good as none.
            if let Ok(overview) = Layout::read(&numbers, directory, limits)
                && is_overview(&images[0], &overview)
            {
                images.push(overview);
            }
        }
        images[1..].sort_by_key(|image| std::cmp::Reverse(image.width));
        let probe =
            describe(&images, Orientation::from_exif(u32::try_from(orientation).unwrap_or(1)));
        Ok(Self { source, limits: *limits, images, probe, nodata, cache: Cache::default() })
    }

    pub(crate) fn probe(&self) -> &Probe {
        &self.probe
    }

    /// Stored size of an image; 0 is full resolution, then overviews from large to small.
    pub(crate) fn size(&self, image: usize) -> Option<(u32, u32)> {
        self.images.get(image).map(|layout| (layout.width, layout.height))
    }

    /// Number of strips or tiles of one plane at full resolution.
    pub(crate) fn chunks(&self) -> u32 {
        self.images[0].chunks_in_plane()
    }

    /// Stored size of strips or tiles at full resolution.
    pub(crate) fn chunk_size(&self) -> (u32, u32) {
        (self.images[0].chunk_width, self.images[0].chunk_height)
    }

    /// Whether every chunk of every image lies inside the file.
    pub(crate) fn check_chunks(&self) -> Result<(), MediaError> {
        for image in &self.images {
            for index in 0..image.chunks_in_plane() * u32::from(image.planes()) {
                let (offset, length) = image.chunk(index).unwrap_or((u64::MAX, 1));
                if offset.checked_add(length).is_none_or(|end| end > self.source.size()) {
                    return Err(MediaError::Truncated { format: Format::Tiff });
                }
            }
        }
        Ok(())
    }

    /// Decodes one chunk of every plane at full resolution and forgets it: a sample for
    /// verification.
    pub(crate) fn verify_chunk(&self, index: u32) -> Result<(), MediaError> {
        let layout = &self.images[0];
        for plane in 0..u32::from(layout.planes()) {
            chunk::decode(
                &self.source,
                layout,
                plane * layout.chunks_in_plane() + index,
                self.nodata,
            )?;
        }
        Ok(())
    }

    /// The rectangle `[x, y, width, height]` of an image in stored coordinates, which must lie
    /// inside it. Colours are converted, orientation is not applied.
    pub(crate) fn region(&mut self, image: usize, rect: [u32; 4]) -> Result<Raster, MediaError> {
        let [x, y, width, height] = rect;
        let layout = &self.images[image];
        let mut raster =
            Raster::zeros(width, height, layout.samples, layout.raw_format(), &self.limits)?;
        let (left, right) = (x / layout.chunk_width, (x + width - 1) / layout.chunk_width);
        let (top, bottom) = (y / layout.chunk_height, (y + height - 1) / layout.chunk_height);
        for plane in 0..layout.planes() {
            for row in top..=bottom {
                for column in left..=right {
                    let index = u32::from(plane) * layout.chunks_in_plane()
                        + row * layout.across()
                        + column;
                    let (source, nodata) = (&self.source, self.nodata);
                    let samples = self
                        .cache
                        .get((image, index), || chunk::decode(source, layout, index, nodata))?;
                    let at = [column * layout.chunk_width, row * layout.chunk_height];
                    copy_chunk(layout, &samples, at, plane, &mut raster, [x, y])?;
                }
            }
        }
        raster.nodata = self.nodata;
        raster.alpha = layout.alpha;
        Ok(convert(layout, raster))
    }
}

/// Copies the overlap of a chunk at `chunk_at` with the region at `region_at`.
fn copy_chunk(
    layout: &Layout,
    chunk: &Samples,
    chunk_at: [u32; 2],
    plane: u16,
    region: &mut Raster,
    region_at: [u32; 2],
) -> Result<(), MediaError> {
    let chunk_samples = usize::from(layout.chunk_samples());
    let chunk_row = layout.chunk_width as usize * chunk_samples;
    let chunk_rows = (chunk.len() / chunk_row) as u32;
    let left = chunk_at[0].max(region_at[0]);
    let right = (chunk_at[0] + layout.chunk_width).min(region_at[0] + region.width);
    let top = chunk_at[1].max(region_at[1]);
    let bottom = (chunk_at[1] + chunk_rows).min(region_at[1] + region.height);
    let width = right.saturating_sub(left) as usize;
    let region_row = region.width as usize * usize::from(region.bands);
    let bands = usize::from(region.bands);
    for_samples!(&mut region.samples, target => {
        let Some(source) = Sample::slice(chunk) else {
            return Err(MediaError::damaged(Format::Tiff, "its chunks differ in type"));
        };
        for row in top..bottom {
            let from = (row - chunk_at[1]) as usize * chunk_row + (left - chunk_at[0]) as usize * chunk_samples;
            let to = (row - region_at[1]) as usize * region_row + (left - region_at[0]) as usize * bands;
            if layout.planar {
                for pixel in 0..width {
                    target[to + pixel * bands + usize::from(plane)] = source[from + pixel];
                }
            } else {
                let count = width * chunk_samples;
                target[to..to + count].copy_from_slice(&source[from..from + count]);
            }
        }
    });
    Ok(())
}

/// Palette, CMYK and YCbCr to RGB; white-is-zero to black-is-zero; few bits to the range of bytes.
fn convert(layout: &Layout, raster: Raster) -> Raster {
    let full = if layout.bits < 8 { 255 / ((1u16 << layout.bits) - 1) as u8 } else { 1 };
    let (width, height) = (raster.width, raster.height);
    match (&layout.photometric, &raster.samples) {
        (Photometric::Palette(palette), samples) => {
            let rgb = for_samples!(samples, v => {
                v.iter().flat_map(|s| palette.get(s.to_f64() as usize).copied().unwrap_or_default()).collect()
            });
            Raster {
                bands: 3,
                alpha: false,
                nodata: None,
                ..raster.with(width, height, Samples::U8(rgb))
            }
        }
        (Photometric::Cmyk, Samples::U8(v)) => {
            let ink =
                |ink: u8, black: u8| (u16::from(255 - ink) * u16::from(255 - black) / 255) as u8;
            let rgb = v
                .chunks_exact(4)
                .flat_map(|p| [ink(p[0], p[3]), ink(p[1], p[3]), ink(p[2], p[3])])
                .collect();
            Raster { bands: 3, alpha: false, ..raster.with(width, height, Samples::U8(rgb)) }
        }
        (Photometric::YCbCr, Samples::U8(v)) => {
            let rgb = v.chunks_exact(3).flat_map(|p| rgb_of_ycbcr(p[0], p[1], p[2])).collect();
            raster.with(width, height, Samples::U8(rgb))
        }
        (Photometric::WhiteIsZero, samples) => {
            let inverted =
                invert(samples, full, layout.bits, usize::from(layout.samples), layout.alpha);
            raster.with(width, height, inverted)
        }
        (_, Samples::U8(v)) if full > 1 => {
            let scaled = v.iter().map(|s| s.saturating_mul(full)).collect();
            raster.with(width, height, Samples::U8(scaled))
        }
        _ => raster,
    }
}

/// JFIF's conversion (ITU-R BT.601, full range).
fn rgb_of_ycbcr(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    let byte = |v: f32| v.round().clamp(0.0, 255.0) as u8;
    [byte(y + 1.402 * cr), byte(y - 0.344_136 * cb - 0.714_136 * cr), byte(y + 1.772 * cb)]
}

/// White-is-zero: unsigned integers are mirrored in their range; signed and float ones, whose
/// range is unknown, around zero.
fn invert(samples: &Samples, full: u8, bits: u16, bands: usize, alpha: bool) -> Samples {
    fn each<T: Sample>(v: &[T], bands: usize, alpha: bool, flip: impl Fn(T) -> T) -> Samples {
        let keep = |at: usize| alpha && at % bands == bands - 1;
        T::wrap(v.iter().enumerate().map(|(at, s)| if keep(at) { *s } else { flip(*s) }).collect())
    }
    match samples {
        Samples::U8(v) => each(v, bands, alpha, |s| 255 - s.saturating_mul(full)),
        Samples::U16(v) => {
            each(v, bands, alpha, |s| (((1u32 << bits) - 1) as u16).saturating_sub(s))
        }
        Samples::U32(v) => {
            each(v, bands, alpha, |s| (((1u64 << bits) - 1) as u32).saturating_sub(s))
        }
        Samples::I16(v) => each(v, bands, alpha, |s| s.saturating_neg()),
        Samples::I32(v) => each(v, bands, alpha, |s| s.saturating_neg()),
        Samples::F32(v) => each(v, bands, alpha, |s| -s),
        Samples::F64(v) => each(v, bands, alpha, |s| -s),
    }
}

/// Same pixels, smaller, same proportions within a pixel of rounding.
fn is_overview(full: &Layout, small: &Layout) -> bool {
    let ratio = f64::from(full.width) / f64::from(small.width);
    let expected = f64::from(full.height) / ratio;
    small.width < full.width
        && small.decoded() == full.decoded()
        && small.photometric == full.photometric
        && small.alpha == full.alpha
        && (f64::from(small.height) - expected).abs() <= 2.0
}

fn describe(images: &[Layout], orientation: Orientation) -> Probe {
    let full = &images[0];
    let (bands, sample) = full.decoded();
    Probe {
        format: Format::Tiff,
        stored_width: full.width,
        stored_height: full.height,
        orientation,
        width: full.width,
        height: full.height,
        bands,
        alpha: full.alpha,
        sample,
        lossless: full.compression != Compression::Jpeg,
        tiled: full.tiled,
        overviews: images[1..]
            .iter()
            .map(|image| orientation.upright_size(image.width, image.height))
            .collect(),
    }
    .upright()
}

/// Recently decoded chunks: `(image, chunk)` to samples.
#[derive(Default)]
struct Cache {
    chunks: BTreeMap<(usize, u32), (u64, Rc<Samples>)>,
    bytes: usize,
    clock: u64,
}

impl Cache {
    fn get(
        &mut self,
        key: (usize, u32),
        decode: impl FnOnce() -> Result<Samples, MediaError>,
    ) -> Result<Rc<Samples>, MediaError> {
        self.clock += 1;
        if let Some((used, samples)) = self.chunks.get_mut(&key) {
            *used = self.clock;
            return Ok(Rc::clone(samples));
        }
        let samples = Rc::new(decode()?);
        let size = samples.len() * samples.format().bytes();
        while self.bytes + size > CACHE_BYTES {
            let oldest = self.chunks.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| *key);
            let Some((_, evicted)) = oldest.and_then(|key| self.chunks.remove(&key)) else { break };
            self.bytes -= evicted.len() * evicted.format().bytes();
        }
        // A chunk larger than the cache is held alone, for the neighbours that share it.
        self.bytes += size;
        self.chunks.insert(key, (self.clock, Rc::clone(&samples)));
        Ok(samples)
    }
}
