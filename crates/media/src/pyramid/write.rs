//! Building a pack in one pass from top to bottom, holding one row of tiles a level.

use std::io::Write;
use std::ops::ControlFlow;

use crate::error::MediaError;
use crate::levels::{LevelSize, TILE};
use crate::pyramid::codec::{Codec, choose, store};
use crate::pyramid::{END, Index, START, VERSION};
use crate::raster::{Raster, Samples};
use crate::scale::shrink;
use crate::view::OpenedImage;

/// What was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackSummary {
    /// Length of the pack in bytes.
    pub bytes: u64,
    /// Tiles in it.
    pub tiles: u64,
}

/// Builds the pack of an image into `out`, front to back. `progress` is told tiles done and in
/// all after each row of tiles, and may break off ([`MediaError::Cancelled`]; what was written is
/// then no pack).
pub fn build(
    image: &mut OpenedImage,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<PackSummary, MediaError> {
    let sizes = image.levels().to_vec();
    let statistics = image.statistics()?.clone();
    let lossless = image.probe().lossless;
    let total =
        sizes.iter().map(|size| u64::from(size.tiles().0) * u64::from(size.tiles().1)).sum();
    let mut pack = Pack { out, at: 0, done: 0, codec: None, lossless, levels: Vec::new() };
    pack.levels =
        sizes.iter().map(|size| Level { size: *size, held: None, index: Vec::new() }).collect();
    pack.write(START)?;
    let LevelSize { width, height } = sizes[0];
    let mut first = None;
    let mut y = 0;
    while y < height {
        let rows = TILE.min(height - y);
        let band = image.region(0, [0, y, width, rows])?;
        if first.is_none() {
            first = Some(band.with(0, 0, Samples::zeros(band.format(), 0)));
        }
        pack.feed(0, band)?;
        y += rows;
        if progress(pack.done, total).is_break() {
            return Err(MediaError::Cancelled);
        }
    }
    let Some(shape) = first else { return Err(MediaError::Empty) };
    let index = Index {
        version: VERSION,
        width,
        height,
        bands: shape.bands,
        alpha: shape.alpha,
        sample: shape.format(),
        nodata: shape.nodata,
        codec: pack.codec.unwrap_or(Codec::Deflate),
        lossless,
        statistics,
        levels: std::mem::take(&mut pack.levels)
            .into_iter()
            .map(|level| level.index.into())
            .collect(),
    };
    pack.finish(&index)
}

struct Pack<'a> {
    out: &'a mut dyn Write,
    at: u64,
    done: u64,
    codec: Option<Codec>,
    lossless: bool,
    levels: Vec<Level>,
}

struct Level {
    size: LevelSize,
    /// Rows that do not make up a row of tiles yet.
    held: Option<Raster>,
    /// Offset and length of the tiles so far.
    index: Vec<u8>,
}

impl Pack<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), MediaError> {
        self.out
            .write_all(bytes)
            .map_err(|error| MediaError::PackWrite { detail: error.to_string() })?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Takes the next rows of a level: at most one row of tiles at once.
    fn feed(&mut self, at: usize, rows: Raster) -> Result<(), MediaError> {
        let Some(level) = self.levels.get_mut(at) else { return Ok(()) };
        let whole = match level.held.take() {
            None => rows,
            Some(mut held) => {
                crate::view::append(&mut held, rows)?;
                held
            }
        };
        let (across, _) = level.size.tiles();
        let tile_rows = (level.index.len() / 12) as u32 / across;
        let missing = level.size.height - tile_rows * TILE;
        if whole.height < TILE.min(missing) {
            level.held = Some(whole);
            return Ok(());
        }
        self.tiles(at, &whole, across)?;
        self.feed(at + 1, shrink(&whole, 2))
    }

    fn tiles(&mut self, at: usize, row: &Raster, across: u32) -> Result<(), MediaError> {
        for x in 0..across {
            let tile = row.crop(x * TILE, 0, TILE, row.height);
            let codec = *self.codec.get_or_insert_with(|| choose(&tile, self.lossless));
            let bytes = store(&tile, codec)?;
            let length = u32::try_from(bytes.len())
                .map_err(|e| MediaError::Encode { detail: e.to_string() })?;
            let index = &mut self.levels[at].index;
            index.extend(self.at.to_le_bytes());
            index.extend(length.to_le_bytes());
            self.write(&bytes)?;
            self.done += 1;
        }
        Ok(())
    }

    fn finish(mut self, index: &Index) -> Result<PackSummary, MediaError> {
        let bytes = minicbor::to_vec(index)
            .map_err(|error| MediaError::Encode { detail: error.to_string() })?;
        let at = self.at;
        self.write(&bytes)?;
        self.write(&at.to_le_bytes())?;
        self.write(&(bytes.len() as u64).to_le_bytes())?;
        self.write(END)?;
        self.out.flush().map_err(|error| MediaError::PackWrite { detail: error.to_string() })?;
        Ok(PackSummary { bytes: self.at, tiles: self.done })
    }
}
