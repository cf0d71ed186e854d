//! Reading single tiles of a pack.

use crate::error::MediaError;
use crate::levels::{LevelSize, TILE, levels_of};
use crate::pyramid::codec::{Codec, StoredTile, TileShape};
use crate::pyramid::{END, FOOTER, Index, START, VERSION};
use crate::raster::SampleFormat;
use crate::source::ReadAt;
use crate::statistics::Statistics;

/// The largest index that is read: room for 64 bands' statistics and five million tiles.
const MAX_INDEX: u64 = 64 << 20;
/// The largest tile that is read; refused before it is allocated.
const MAX_TILE: u32 = 256 << 20;

/// A pack, open for random access.
pub struct PackReader<S> {
    source: S,
    index: Index,
    levels: Vec<LevelSize>,
}

fn damaged(detail: impl std::fmt::Display) -> MediaError {
    MediaError::PackDamaged { detail: detail.to_string() }
}

impl<S: ReadAt> PackReader<S> {
    /// Reads and checks the index.
    pub fn open(source: S) -> Result<Self, MediaError> {
        let size = source.size();
        let read = |at: u64, buffer: &mut [u8]| {
            source.read_exact_at(at, buffer).map_err(|error| MediaError::read(&error))
        };
        let footer_at = size
            .checked_sub(FOOTER)
            .filter(|at| *at >= 8)
            .ok_or_else(|| damaged("it is too short"))?;
        let (mut start, mut footer) = ([0; 8], [0; FOOTER as usize]);
        read(0, &mut start)?;
        read(footer_at, &mut footer)?;
        if &start != START || &footer[16..] != END {
            return Err(damaged("its first or last bytes are wrong"));
        }
        let number = |at: usize| {
            footer[at..at + 8].iter().rev().fold(0u64, |n, byte| n << 8 | u64::from(*byte))
        };
        let (index_at, length) = (number(0), number(8));
        if length > MAX_INDEX || index_at.checked_add(length) != Some(footer_at) {
            return Err(damaged("its index is not where it should be"));
        }
        let mut bytes = vec![0; length as usize];
        read(index_at, &mut bytes)?;
        let index: Index =
            minicbor::decode(&bytes).map_err(|_| damaged("its index can't be read"))?;
        let levels = check(&index)?;
        Ok(Self { source, index, levels })
    }

    /// The sizes of all levels, full resolution first.
    pub fn levels(&self) -> &[LevelSize] {
        &self.levels
    }

    /// The image's statistics, as taken when the pack was built.
    pub fn statistics(&self) -> &Statistics {
        &self.index.statistics
    }

    /// One tile as it is stored.
    pub fn tile(&self, level: u32, x: u32, y: u32) -> Result<StoredTile, MediaError> {
        let missing = MediaError::NoSuchTile { level, x, y };
        let Some(size) = self.levels.get(level as usize) else { return Err(missing) };
        let Some([_, _, width, height]) = size.tile_rect(x, y) else { return Err(missing) };
        let at = (y as usize * size.tiles().0 as usize + x as usize) * 12;
        let entry = self.index.levels[level as usize]
            .get(at..at + 12)
            .ok_or_else(|| damaged("its index is too short"))?;
        let offset = entry[..8].iter().rev().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        let length = entry[8..].iter().rev().fold(0u32, |n, byte| n << 8 | u32::from(*byte));
        let inside = offset
            .checked_add(u64::from(length))
            .is_some_and(|end| end <= self.source.size() - FOOTER);
        if !inside || length > MAX_TILE {
            return Err(damaged("a tile lies outside it"));
        }
        let mut bytes = vec![0; length as usize];
        self.source.read_exact_at(offset, &mut bytes).map_err(|error| MediaError::read(&error))?;
        let index = &self.index;
        let shape = TileShape {
            width,
            height,
            bands: index.bands,
            alpha: index.alpha,
            sample: index.sample,
            nodata: index.nodata,
            codec: index.codec,
            lossless: index.lossless,
        };
        Ok(StoredTile { shape, bytes })
    }
}

fn check(index: &Index) -> Result<Vec<LevelSize>, MediaError> {
    if index.version != VERSION {
        return Err(damaged(format_args!(
            "it has version {}, this program reads {VERSION}",
            index.version
        )));
    }
    if index.width == 0 || index.height == 0 || index.bands <= u16::from(index.alpha) {
        return Err(damaged("it claims to have no pixels"));
    }
    let jpeg = index.sample == SampleFormat::U8 && !index.alpha && matches!(index.bands, 1 | 3);
    if index.codec == Codec::Jpeg && !jpeg {
        return Err(damaged("its tiles can't be JPEG"));
    }
    if !index.statistics.is_sound(index.bands - u16::from(index.alpha)) {
        return Err(damaged("its statistics are not sound"));
    }
    let levels = levels_of(index.width, index.height);
    let complete = levels.len() == index.levels.len()
        && levels.iter().zip(&index.levels).all(|(size, entries)| {
            let tiles =
                u64::from(size.width.div_ceil(TILE)) * u64::from(size.height.div_ceil(TILE));
            entries.len() as u64 == tiles * 12
        });
    if !complete {
        return Err(damaged("its index does not fit its size"));
    }
    Ok(levels)
}
