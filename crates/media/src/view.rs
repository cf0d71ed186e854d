//! An image held open in this process: any tile of any level, at native depth or rendered.
//!
//! What fits comfortably in memory is decoded once and halved as levels are asked for. Large TIFFs
//! stay in the file: a tile is read from the file's overview of that level, else from the next
//! larger one, and where none is near enough from a preview that one pass over the file makes.

use crate::decode::decode;
use crate::encode::{Encoded, Encoding, Quality, encode};
use crate::error::MediaError;
use crate::format::Format;
use crate::levels::{LevelSize, levels_of};
use crate::limits::Limits;
use crate::probe::Probe;
use crate::raster::{Raster, Samples, decoded_bytes};
use crate::render::{Rendering, picture};
use crate::scale::{pad, resample, shrink};
use crate::source::{ReadAt, read_start};
use crate::statistics::Statistics;
use crate::thumbnail::{THUMBNAIL_SIDE, thumbnail};
use crate::tiff::TiffFile;

/// TIFFs of up to this many decoded bytes are decoded once instead of being read in parts.
const WHOLE_BYTES: u64 = 256 << 20;
/// Sides beyond which a TIFF with overviews is always read in parts.
const WHOLE_SIDE: u32 = 4096;
/// Pixels of a larger image that are read at once to make a rectangle of a level.
const NEAR_PIXELS: u64 = 4096 * 4096;
/// Longest side of a preview.
const PREVIEW_SIDE: u32 = 4096;
/// Longest side of the level that statistics are taken from.
const STATISTICS_SIDE: u32 = 2048;

/// An open image. Coordinates and levels are upright.
pub struct OpenedImage {
    probe: Probe,
    levels: Vec<LevelSize>,
    statistics: Option<Statistics>,
    body: Body,
}

enum Body {
    Memory(Halvings),
    File { file: Box<TiffFile<Box<dyn ReadAt>>>, preview: Option<Halvings> },
}

/// Rasters from level `first` on, each half the one before, made when asked for.
struct Halvings {
    first: usize,
    rasters: Vec<Raster>,
}

impl Halvings {
    fn level(&mut self, level: usize) -> Option<&Raster> {
        let at = level.checked_sub(self.first)?;
        while self.rasters.len() <= at {
            let next = shrink(self.rasters.last()?, 2);
            self.rasters.push(next);
        }
        self.rasters.get(at)
    }
}

impl OpenedImage {
    /// Opens an image: decodes it, or for a large TIFF reads its directories.
    pub fn open(source: Box<dyn ReadAt>, limits: &Limits) -> Result<Self, MediaError> {
        limits.check_file(source.size())?;
        if Format::recognise(&read_start(&*source, 64)?) == Some(Format::Tiff) {
            let mut file = TiffFile::open(source, limits)?;
            let probe = file.probe().clone();
            let bytes = decoded_bytes(probe.width, probe.height, probe.bands, probe.sample);
            let large = !probe.overviews.is_empty() && probe.width.max(probe.height) > WHOLE_SIDE;
            if large || bytes > WHOLE_BYTES.min(limits.max_decoded_bytes) {
                return Ok(Self::new(probe, Body::File { file: Box::new(file), preview: None }));
            }
            let stored = file.region(0, [0, 0, probe.stored_width, probe.stored_height])?;
            let raster = probe.orientation.apply(stored);
            return Ok(Self::in_memory(probe, raster));
        }
        let (probe, raster) = decode(&*source, limits)?;
        Ok(Self::in_memory(probe, raster))
    }

    fn in_memory(probe: Probe, raster: Raster) -> Self {
        Self::new(probe, Body::Memory(Halvings { first: 0, rasters: vec![raster] }))
    }

    fn new(probe: Probe, body: Body) -> Self {
        let levels = levels_of(probe.width, probe.height);
        Self { probe, levels, statistics: None, body }
    }

    /// What the headers say.
    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// The sizes of all levels, full resolution first.
    pub fn levels(&self) -> &[LevelSize] {
        &self.levels
    }

    /// Statistics of the values, taken once.
    pub fn statistics(&mut self) -> Result<&Statistics, MediaError> {
        if self.statistics.is_none() {
            let found = match &self.body {
                Body::Memory(halvings) => halvings.rasters.first().map(Statistics::of),
                Body::File { .. } => None,
            };
            let found = match found {
                Some(found) => found,
                None => {
                    let level = self.smallest_level(STATISTICS_SIDE / 2);
                    Statistics::of(&self.whole(level)?)
                }
            };
            self.statistics = Some(found);
        }
        self.statistics.as_ref().ok_or(MediaError::Empty)
    }

    /// A thumbnail (JPEG, longest side 256 px), made from the nearest larger level that the file
    /// offers.
    pub fn thumbnail(&mut self) -> Result<Vec<u8>, MediaError> {
        let statistics = self.statistics()?.clone();
        if let Body::Memory(halvings) = &self.body
            && let Some(full) = halvings.rasters.first()
        {
            return thumbnail(&self.probe, full, &statistics);
        }
        let raster = self.whole(self.smallest_level(THUMBNAIL_SIDE))?;
        thumbnail(&self.probe, &raster, &statistics)
    }

    /// One tile, rendered and encoded: JPEG for lossy sources, PNG for lossless ones.
    pub fn tile(
        &mut self,
        level: u32,
        x: u32,
        y: u32,
        rendering: &Rendering,
    ) -> Result<Encoded, MediaError> {
        let statistics = self.statistics()?.clone();
        let raster = self.tile_raster(level, x, y)?;
        let picture = picture(&raster, &statistics, rendering)?;
        encode(&picture, Encoding::for_source(self.probe.lossless), Quality::Tile)
    }

    /// One tile at native depth.
    pub fn tile_raster(&mut self, level: u32, x: u32, y: u32) -> Result<Raster, MediaError> {
        let rect = self
            .levels
            .get(level as usize)
            .and_then(|size| size.tile_rect(x, y))
            .ok_or(MediaError::NoSuchTile { level, x, y })?;
        self.region(level as usize, rect)
    }

    /// A rectangle `[x, y, width, height]` of a level, which must lie inside it.
    pub(crate) fn region(&mut self, level: usize, rect: [u32; 4]) -> Result<Raster, MediaError> {
        let [x, y, width, height] = rect;
        let lost = || MediaError::NoSuchTile { level: level as u32, x, y };
        let size = *self.levels.get(level).ok_or_else(lost)?;
        let file = match &mut self.body {
            Body::Memory(halvings) => {
                return Ok(halvings.level(level).ok_or_else(lost)?.crop(x, y, width, height));
            }
            Body::File { file, preview } => {
                if let Some(raster) = preview.as_mut().and_then(|preview| preview.level(level)) {
                    return Ok(raster.crop(x, y, width, height));
                }
                file
            }
        };
        let (image, image_size) = nearest(file, &self.probe, size).ok_or_else(lost)?;
        let times = u64::from(image_size.width / size.width);
        let pixels = u64::from(width) * u64::from(height) * times * times;
        if pixels > NEAR_PIXELS && level >= preview_level(&self.levels) {
            self.make_preview()?;
            return self.region(level, rect);
        }
        from_image(file, &self.probe, image, image_size, size, rect)
    }

    /// All of a level.
    fn whole(&mut self, level: usize) -> Result<Raster, MediaError> {
        let size = self.levels[level.min(self.levels.len() - 1)];
        self.region(level, [0, 0, size.width, size.height])
    }

    /// The smallest level whose longest side is at least `side`.
    fn smallest_level(&self, side: u32) -> usize {
        self.levels.iter().rposition(|size| size.width.max(size.height) >= side).unwrap_or(0)
    }

    /// Reads all of the file once, band by band, into a level of at most 4096 px. Also how import
    /// verifies a large TIFF without overviews.
    pub(crate) fn make_preview(&mut self) -> Result<(), MediaError> {
        let Body::File { file, preview } = &mut self.body else { return Ok(()) };
        if preview.is_some() {
            return Ok(());
        }
        let level = preview_level(&self.levels);
        let factor = 1u32 << level;
        let (width, height) = (self.probe.stored_width, self.probe.stored_height);
        // Bands of whole blocks, at least one chunk high so that each chunk is decoded once.
        let band = factor * file.chunk_size().1.div_ceil(factor).max(1);
        let mut whole: Option<Raster> = None;
        let mut y = 0;
        while y < height {
            let rows = band.min(height - y);
            let part = shrink(&file.region(0, [0, y, width, rows])?, factor);
            match &mut whole {
                None => whole = Some(part),
                Some(whole) => append(whole, part)?,
            }
            y += rows;
        }
        if let Some(whole) = whole {
            let upright = self.probe.orientation.apply(whole);
            *preview = Some(Halvings { first: level, rasters: vec![upright] });
        }
        Ok(())
    }

    /// Checks what opening did not decode. See [`Limits::verify_pixels`].
    pub(crate) fn verify(&mut self, limits: &Limits) -> Result<(), MediaError> {
        let has_overviews = !self.probe.overviews.is_empty();
        let Body::File { file, .. } = &mut self.body else { return Ok(()) };
        file.check_chunks()?;
        if !has_overviews {
            return self.make_preview();
        }
        let pixels = u64::from(self.probe.width) * u64::from(self.probe.height);
        let chunks = file.chunks();
        let wanted = if pixels <= limits.verify_pixels { chunks } else { chunks.min(64) };
        for at in 0..wanted {
            let index = u64::from(at) * u64::from(chunks) / u64::from(wanted);
            file.verify_chunk(index as u32)?;
        }
        Ok(())
    }
}

/// The level of a preview: the largest of at most 4096 px.
fn preview_level(levels: &[LevelSize]) -> usize {
    let fits = |size: &LevelSize| size.width.max(size.height) <= PREVIEW_SIDE;
    levels.iter().position(fits).unwrap_or(levels.len() - 1)
}

/// The smallest image of the file that is not smaller than a level (a pixel of rounding aside),
/// and its upright size.
fn nearest<S: ReadAt>(
    file: &TiffFile<S>,
    probe: &Probe,
    level: LevelSize,
) -> Option<(usize, LevelSize)> {
    let sizes = (0..).map_while(|image| file.size(image).map(|size| (image, size)));
    sizes
        .map(|(image, (width, height))| {
            let (width, height) = probe.orientation.upright_size(width, height);
            (image, LevelSize { width, height })
        })
        .filter(|(_, size)| size.width + 1 >= level.width && size.height + 1 >= level.height)
        .min_by_key(|(_, size)| u64::from(size.width) * u64::from(size.height))
}

/// A rectangle of a level, made from an image of the file that is at least as large.
fn from_image<S: ReadAt>(
    file: &mut TiffFile<S>,
    probe: &Probe,
    image: usize,
    image_size: LevelSize,
    level: LevelSize,
    rect: [u32; 4],
) -> Result<Raster, MediaError> {
    let [x, y, width, height] = rect;
    let same = image_size.width.abs_diff(level.width) <= 1
        && image_size.height.abs_diff(level.height) <= 1;
    let scaled = |at: u32, from: u32, to: u32| {
        let at = u64::from(at) * u64::from(to);
        ((at + u64::from(from) / 2) / u64::from(from)) as u32
    };
    let span = |start: u32, length: u32, level: u32, image: u32| {
        let (first, end) = if same {
            (start, start + length)
        } else {
            (scaled(start, level, image), scaled(start + length, level, image))
        };
        let first = first.min(image - 1);
        (first, end.clamp(first + 1, image) - first)
    };
    let (left, across) = span(x, width, level.width, image_size.width);
    let (top, down) = span(y, height, level.height, image_size.height);
    let (stored_width, stored_height) = file.size(image).unwrap_or((1, 1));
    let stored =
        probe.orientation.stored_rect([left, top, across, down], stored_width, stored_height);
    let raster = probe.orientation.apply(file.region(image, stored)?);
    if same {
        return Ok(pad(raster, width, height));
    }
    let factor = (across / width).min(down / height);
    Ok(resample(&shrink(&raster, factor), width, height))
}

/// Puts rows below rows.
pub(crate) fn append(whole: &mut Raster, part: Raster) -> Result<(), MediaError> {
    macro_rules! typed {
        ($($variant:ident),*) => {
            match (&mut whole.samples, part.samples) {
                $((Samples::$variant(a), Samples::$variant(b)) => a.extend(b),)*
                _ => return Err(MediaError::damaged(Format::Tiff, "its parts differ in type")),
            }
        };
    }
    typed!(U8, U16, U32, I16, I32, F32, F64);
    whole.height += part.height;
    Ok(())
}
