//! The geometry of tiles: level 0 is full resolution, each further level has half the sides
//! (rounded up), the last one fits a single tile.

/// Side of a tile in pixels. Tiles at the right and bottom edge are smaller.
pub const TILE: u32 = 512;

/// The size of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelSize {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl LevelSize {
    /// Columns and rows of tiles.
    pub fn tiles(self) -> (u32, u32) {
        (self.width.div_ceil(TILE), self.height.div_ceil(TILE))
    }

    /// The rectangle `[x, y, width, height]` of a tile, if the level has it.
    pub fn tile_rect(self, x: u32, y: u32) -> Option<[u32; 4]> {
        let left = x.checked_mul(TILE).filter(|left| *left < self.width)?;
        let top = y.checked_mul(TILE).filter(|top| *top < self.height)?;
        Some([left, top, TILE.min(self.width - left), TILE.min(self.height - top)])
    }
}

/// All levels of an image of this (upright) size, full resolution first.
pub fn levels_of(width: u32, height: u32) -> Vec<LevelSize> {
    let mut levels = vec![LevelSize { width, height }];
    let (mut width, mut height) = (width, height);
    while width.max(height) > TILE {
        (width, height) = (width.div_ceil(2), height.div_ceil(2));
        levels.push(LevelSize { width, height });
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_ends_in_one_tile() {
        let levels = levels_of(25_312, 22_976);
        assert_eq!(levels.len(), 7);
        assert_eq!(levels[1], LevelSize { width: 12_656, height: 11_488 });
        assert_eq!(levels[6].tiles(), (1, 1));
        assert_eq!(levels[0].tile_rect(49, 44), Some([25_088, 22_528, 224, 448]));
        assert_eq!(levels[0].tile_rect(50, 0), None);
        assert_eq!(levels[0].tile_rect(u32::MAX, 0), None);
        assert_eq!(levels_of(1, 1).len(), 1);
        assert_eq!(levels_of(513, 1).len(), 2);
    }
}
