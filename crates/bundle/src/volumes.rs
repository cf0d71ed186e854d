//! Volumes: one sending as several complete bags, each small enough for a FAT32 stick, each signed
//! and verified alone. A file that no volume holds becomes numbered parts, joined by `cat` or
//! `copy /b`.

use std::sync::Arc;

use crate::draft::{Draft, ENTRIES, Frozen, record};
use crate::entry::Entry;
use crate::error::BundleError;
use crate::frame::{
    self, APPROVER, BAG_INFO, BAGIT, CREATOR, LINE_BYTES, MANIFEST, MEDIA, README, SIGNATURE_BYTES,
    TAGMANIFEST, TAGMANIFEST_BYTES, part_name,
};
use crate::info::{Oxum, Volume};
use crate::zip::{END_BYTES, END64_BYTES, LOCATOR64_BYTES, Record};

/// The most bytes of a volume, sealed or not: 4 GiB (what FAT32 holds) less 16 MiB, in which the
/// sealing's own bytes find room.
pub const VOLUME_BYTES: u64 = (4 << 30) - (16 << 20);

/// The name of a bundle's file: `stem.bag.zip`, or `stem.volume-0002-of-0003.bag.zip`.
#[must_use]
pub fn file_name(stem: &str, volume: Volume) -> String {
    match volume {
        Volume::ONLY => format!("{stem}.bag.zip"),
        Volume { number, count } => format!("{stem}.volume-{number:04}-of-{count:04}.bag.zip"),
    }
}

/// One file of a volume, or one part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Index of the entry among the draft's sorted entries.
    pub entry: usize,
    /// Its path in the volume.
    pub path: String,
    /// First byte of the entry's content.
    pub start: u64,
    /// Bytes of it.
    pub size: u64,
}

/// Which pieces go into which volume. The datasheet goes into each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumePlan {
    /// The pieces of each volume, in the order in which they were placed.
    pub volumes: Vec<Vec<Piece>>,
}

impl Draft {
    /// Plans volumes of at most `limit` bytes: first what is no media, then media by path; a file
    /// that a whole volume can't hold is cut into parts.
    ///
    /// # Errors
    /// As [`Draft::freeze`]; [`BundleError::VolumeTooSmall`].
    pub fn plan_volumes(&mut self, limit: u64) -> Result<VolumePlan, BundleError> {
        self.sort()?;
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|&index| self.entries[index].path.starts_with(MEDIA));
        let readme = order.iter().position(|&index| self.entries[index].path == README);
        let readme = readme.map(|at| order.remove(at)).ok_or(BundleError::NoDatasheet)?;
        let first = piece(&self.entries, readme);
        let base = self.frame_bytes()? + cost(&first.path, first.size);
        let room = limit
            .checked_sub(base)
            .filter(|room| *room > 0)
            .ok_or_else(|| BundleError::VolumeTooSmall { limit, entry: README.to_owned() })?;
        let mut plan = Placing { volumes: vec![vec![first.clone()]], left: room, room, first };
        for index in order {
            plan.place(&self.entries, index, limit)?;
        }
        Ok(VolumePlan { volumes: plan.volumes })
    }

    /// Settles the bytes of each volume, as [`Draft::plan_volumes`] plans them. Parts are produced
    /// once to measure them.
    ///
    /// # Errors
    /// As [`Draft::plan_volumes`]; what a producer says.
    pub fn freeze_volumes(mut self, limit: u64) -> Result<Vec<Frozen>, BundleError> {
        let plan = self.plan_volumes(limit)?;
        let count = u32::try_from(plan.volumes.len())
            .ok()
            .filter(|count| *count <= 9999)
            .ok_or(BundleError::TooMuch { what: "volumes", limit: 9999 })?;
        let entries: Vec<Arc<Entry>> = self.entries.into_iter().map(Arc::new).collect();
        let mut volumes = Vec::new();
        for (number, pieces) in (1..).zip(plan.volumes) {
            let mut payload = Vec::with_capacity(pieces.len());
            for Piece { entry, path, start, size } in pieces {
                let whole = &entries[entry];
                payload.push(if path == whole.path {
                    (**whole).clone()
                } else {
                    Entry::part(whole, path, start..start + size)?
                });
            }
            payload.sort_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
            if let Some(pair) = payload.windows(2).find(|pair| pair[0].path == pair[1].path) {
                let (entry, other) = (pair[0].path.clone(), pair[1].path.clone());
                return Err(BundleError::EntryCollision { entry, other });
            }
            let mut info = self.info.clone();
            info.volume = Volume { number, count };
            volumes.push(Frozen::new(info, payload)?);
        }
        Ok(volumes)
    }

    /// An upper bound of a bag's frame: its tag files with their headers, and the archive's end.
    fn frame_bytes(&self) -> Result<u64, BundleError> {
        let mut info = self.info.clone();
        info.volume = Volume { number: 9999, count: 9999 };
        let oxum = Oxum { bytes: u64::MAX, files: u64::MAX };
        let info = info.to_bytes(oxum)?.len() as u64;
        let tags = [
            (BAG_INFO, info),
            (BAGIT, frame::DECLARATION.len() as u64),
            (MANIFEST, 0),
            (TAGMANIFEST, TAGMANIFEST_BYTES),
            (CREATOR, SIGNATURE_BYTES),
            (APPROVER, SIGNATURE_BYTES),
        ];
        let tags: u64 = tags.into_iter().map(|(path, size)| headers(path, size) + size).sum();
        Ok(tags + END_BYTES + END64_BYTES + LOCATOR64_BYTES)
    }
}

/// Bytes of both headers, at most.
fn headers(path: &str, size: u64) -> u64 {
    let record = Record { name: path.into(), crc32: 0, size, offset: u64::MAX / 2 };
    record.local_bytes() + record.central_bytes()
}

/// Bytes that an entry takes in all: headers, manifest line, content.
fn cost(path: &str, size: u64) -> u64 {
    headers(path, size) + LINE_BYTES + path.len() as u64 + size
}

fn piece(entries: &[Entry], entry: usize) -> Piece {
    let record = record(&entries[entry], 0);
    Piece { entry, path: record.name.into(), start: 0, size: record.size }
}

struct Placing {
    volumes: Vec<Vec<Piece>>,
    /// Bytes left in the last volume.
    left: u64,
    /// Bytes in a fresh one.
    room: u64,
    /// The datasheet.
    first: Piece,
}

impl Placing {
    fn fresh(&mut self) {
        self.volumes.push(vec![self.first.clone()]);
        self.left = self.room;
    }

    fn push(&mut self, piece: Piece) {
        self.left -= cost(&piece.path, piece.size);
        if let Some(volume) = self.volumes.last_mut() {
            volume.push(piece);
        }
    }

    fn place(&mut self, entries: &[Entry], index: usize, limit: u64) -> Result<(), BundleError> {
        let whole = piece(entries, index);
        let needed = cost(&whole.path, whole.size);
        if needed <= self.room {
            let full = self.volumes.last().is_some_and(|volume| volume.len() as u64 >= ENTRIES);
            if needed > self.left || full {
                self.fresh();
            }
            self.push(whole);
            return Ok(());
        }
        let too_small = || BundleError::VolumeTooSmall { limit, entry: whole.path.clone() };
        let fixed = cost(&part_name(&whole.path, 1, 2), 0) + 32; // 32: ZIP64 sizes, if it comes to that
        let most = self.room.checked_sub(fixed).filter(|most| *most > 0).ok_or_else(too_small)?;
        let count = u32::try_from(whole.size.div_ceil(most))
            .ok()
            .filter(|count| *count <= 9999)
            .ok_or_else(too_small)?;
        for number in 1..=count {
            let start = u64::from(number - 1) * most;
            let path = part_name(&whole.path, number, count);
            crate::name::check(&path)
                .map_err(|why| BundleError::EntryName { entry: path.clone(), why })?;
            let size = most.min(whole.size - start);
            if self.left < self.room {
                self.fresh();
            }
            self.push(Piece { entry: index, path, start, size });
        }
        Ok(())
    }
}
