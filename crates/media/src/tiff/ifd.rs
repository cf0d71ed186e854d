//! The container: header, directories, tag values (TIFF 6.0 section 2, BigTIFF).
//!
//! Counts and offsets are foreign: every array is held against the size of the file and a cap
//! before it is allocated, directory chains are cut at a fixed length, and loops end the chain.

use std::collections::BTreeMap;

use crate::error::MediaError;
use crate::format::Format;
use crate::headers::cut_or_failed;
use crate::source::ReadAt;

/// Directories followed in one file.
const MAX_DIRECTORIES: usize = 64;
/// Entries read in one directory.
const MAX_ENTRIES: u64 = 4096;

/// How numbers are stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) big_endian: bool,
    big_tiff: bool,
}

impl Order {
    fn u16(self, b: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(b) } else { u16::from_le_bytes(b) }
    }

    fn u32(self, b: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) }
    }

    fn u64(self, b: [u8; 8]) -> u64 {
        if self.big_endian { u64::from_be_bytes(b) } else { u64::from_le_bytes(b) }
    }
}

/// One directory entry; its values are read on demand.
#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: u16,
    count: u64,
    /// Where the values start: inside the entry, or where it points.
    values_at: u64,
}

/// One image file directory.
#[derive(Debug)]
pub(super) struct Directory {
    entries: BTreeMap<u16, Entry>,
}

/// The header and the directories of a file.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) order: Order,
    pub(super) directories: Vec<Directory>,
}

/// Reads typed numbers from a source.
pub(super) struct Numbers<'a> {
    pub(super) source: &'a dyn ReadAt,
    pub(super) order: Order,
}

fn damaged(detail: impl std::fmt::Display) -> MediaError {
    MediaError::damaged(Format::Tiff, detail)
}

impl Numbers<'_> {
    fn bytes<const N: usize>(&self, at: u64) -> Result<[u8; N], MediaError> {
        let mut buffer = [0; N];
        self.source
            .read_exact_at(at, &mut buffer)
            .map_err(|error| cut_or_failed(Format::Tiff, &error))?;
        Ok(buffer)
    }

    fn u16(&self, at: u64) -> Result<u16, MediaError> {
        Ok(self.order.u16(self.bytes(at)?))
    }

    fn u32(&self, at: u64) -> Result<u32, MediaError> {
        Ok(self.order.u32(self.bytes(at)?))
    }

    fn u64(&self, at: u64) -> Result<u64, MediaError> {
        Ok(self.order.u64(self.bytes(at)?))
    }

    /// An offset or count, as wide as the file's kind has them.
    fn word(&self, at: u64) -> Result<u64, MediaError> {
        if self.order.big_tiff { self.u64(at) } else { self.u32(at).map(u64::from) }
    }

    /// The raw values of a tag: (type, bytes), at most `most` values.
    fn raw(
        &self,
        directory: &Directory,
        tag: u16,
        most: u64,
    ) -> Result<Option<(u16, Vec<u8>)>, MediaError> {
        let Some(entry) = directory.entries.get(&tag) else { return Ok(None) };
        if entry.count > most {
            return Err(damaged(format_args!("tag {tag} claims {} values", entry.count)));
        }
        let Some(size) = type_size(entry.kind) else { return Ok(None) };
        let length = entry.count * size;
        if entry.values_at.checked_add(length).is_none_or(|end| end > self.source.size()) {
            return Err(MediaError::Truncated { format: Format::Tiff });
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(damaged)?];
        self.source
            .read_exact_at(entry.values_at, &mut bytes)
            .map_err(|error| cut_or_failed(Format::Tiff, &error))?;
        Ok(Some((entry.kind, bytes)))
    }

    /// All values of an unsigned tag, at most `most`. Empty where the tag is absent.
    pub(super) fn list(
        &self,
        directory: &Directory,
        tag: u16,
        most: u64,
    ) -> Result<Vec<u64>, MediaError> {
        let Some((kind, bytes)) = self.raw(directory, tag, most)? else { return Ok(Vec::new()) };
        let order = self.order;
        Ok(match kind {
            1 | 7 => bytes.iter().map(|b| u64::from(*b)).collect(),
            3 => bytes.chunks_exact(2).map(|b| u64::from(order.u16([b[0], b[1]]))).collect(),
            4 | 13 => bytes
                .chunks_exact(4)
                .map(|b| u64::from(order.u32([b[0], b[1], b[2], b[3]])))
                .collect(),
            16 | 18 => bytes
                .chunks_exact(8)
                .map(|b| order.u64([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))
                .collect(),
            _ => {
                return Err(damaged(format_args!(
                    "tag {tag} has values of the wrong type ({kind})"
                )));
            }
        })
    }

    /// The first value of an unsigned tag.
    pub(super) fn one(&self, directory: &Directory, tag: u16) -> Result<Option<u64>, MediaError> {
        // Only the first counts, so a long (wrong) array must not be read for it.
        Ok(self.list(directory, tag, 1 << 16)?.first().copied())
    }

    /// The bytes of a tag.
    pub(super) fn blob(
        &self,
        directory: &Directory,
        tag: u16,
        most: u64,
    ) -> Result<Option<Vec<u8>>, MediaError> {
        Ok(self.raw(directory, tag, most)?.map(|(_, bytes)| bytes))
    }
}

impl Directory {
    pub(super) fn has(&self, tag: u16) -> bool {
        self.entries.contains_key(&tag)
    }

    /// The number of values that a tag claims.
    pub(super) fn count(&self, tag: u16) -> u64 {
        self.entries.get(&tag).map_or(0, |entry| entry.count)
    }
}

/// Reads the header and the chain of directories. The first directory must be whole; a later one
/// that is not ends the chain (only overviews are lost by that).
pub(super) fn read(source: &dyn ReadAt) -> Result<Container, MediaError> {
    let mut start = [0; 4];
    source.read_exact_at(0, &mut start).map_err(|error| cut_or_failed(Format::Tiff, &error))?;
    let big_endian = start[0] == b'M';
    let mut order = Order { big_endian, big_tiff: false };
    order.big_tiff = order.u16([start[2], start[3]]) == 43;
    let numbers = Numbers { source, order };
    let mut at = if order.big_tiff {
        if (numbers.u16(4)?, numbers.u16(6)?) != (8, 0) {
            return Err(damaged("its BigTIFF header is not one"));
        }
        numbers.u64(8)?
    } else {
        u64::from(numbers.u32(4)?)
    };
    let mut directories = Vec::new();
    let mut seen = Vec::new();
    while at != 0 && directories.len() < MAX_DIRECTORIES && !seen.contains(&at) {
        seen.push(at);
        match directory(&numbers, at) {
            Ok((found, next)) => {
                directories.push(found);
                at = next;
            }
            Err(error) if directories.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    if directories.is_empty() {
        return Err(damaged("it has no image directory"));
    }
    Ok(Container { order, directories })
}

fn directory(numbers: &Numbers<'_>, at: u64) -> Result<(Directory, u64), MediaError> {
    let (count, head, size, inline) = if numbers.order.big_tiff {
        (numbers.u64(at)?, 8, 20, 8)
    } else {
        (u64::from(numbers.u16(at)?), 2, 12, 4)
    };
    if count > MAX_ENTRIES {
        return Err(damaged(format_args!("a directory claims {count} entries")));
    }
    let mut entries = BTreeMap::new();
    for index in 0..count {
        // `at` has been read from, so these sums stay far below overflow.
        let entry_at = at + head + index * size;
        let tag = numbers.u16(entry_at)?;
        let kind = numbers.u16(entry_at + 2)?;
        let count = numbers.word(entry_at + 4)?;
        let value_at = entry_at + size - inline;
        let Some(bytes) = type_size(kind).map(|one| count.saturating_mul(one)) else {
            continue;
        };
        let values_at = if bytes <= inline { value_at } else { numbers.word(value_at)? };
        // The first of repeated tags counts.
        entries.entry(tag).or_insert(Entry { kind, count, values_at });
    }
    // A file cut right after its only directory still has all that matters.
    let next = numbers.word(at + head + count * size).unwrap_or(0);
    Ok((Directory { entries }, next))
}

/// Bytes of one value of a field type (TIFF 6.0 section 2, BigTIFF additions).
fn type_size(kind: u16) -> Option<u64> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 | 16 | 17 | 18 => Some(8),
        _ => None,
    }
}
