//! Reading the container strictly: the directory is read once in bounded memory, every record of
//! it must be the one that the writer would have written, and the local headers are walked in
//! order from byte 0, without gaps, up to the directory. What is accepted has one reading only.

use std::io::{BufReader, Read};

use vaultmark_crypto::ReadAt;

use super::{
    ATTRIBUTES, CENTRAL, CENTRAL_BYTES, DATE, END, END_BYTES, END64, END64_BYTES, LOCAL, LOCATOR64,
    LOCATOR64_BYTES, Record,
};
use crate::error::BundleError;
use crate::name::{self, FOLDERS, NotTaken, PATH_BYTES, Taken};
use crate::read::{Limits, Section, read_exact_at};
use crate::refusal::Refusal;

/// The most bytes of a directory: a million entries as this version names them have 120 MiB. Names are
/// kept, and a foreign directory may consist of nothing else.
pub(crate) const DIRECTORY_BYTES: u64 = 128 << 20;

/// Reads the directory and walks the headers.
pub(crate) fn read(
    source: &dyn ReadAt,
    len: u64,
    limits: &Limits,
) -> Result<Vec<Record>, BundleError> {
    if len > limits.bytes {
        return Err(Refusal::TooLarge { found: len, limit: limits.bytes }.into());
    }
    let end = End::read(source, len)?;
    if end.entries > limits.entries {
        return Err(Refusal::TooManyEntries { found: end.entries, limit: limits.entries }.into());
    }
    if end.directory_bytes > DIRECTORY_BYTES {
        let (found, limit) = (end.directory_bytes, DIRECTORY_BYTES);
        return Err(Refusal::DirectoryTooLarge { found, limit }.into());
    }
    end.check_place(len)?;
    let records = read_directory(source, &end)?;
    walk(source, &records, &end)?;
    end.check_bytes(source, len)?;
    Ok(records)
}

/// What the end records say.
struct End {
    entries: u64,
    directory_bytes: u64,
    directory_offset: u64,
    /// Bytes of the end records.
    own_bytes: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}

impl End {
    fn read(source: &dyn ReadAt, len: u64) -> Result<Self, BundleError> {
        if len < END_BYTES {
            return Err(Refusal::TooShort { bytes: len }.into());
        }
        let mut end = [0; END_BYTES as usize];
        read_exact_at(source, len - END_BYTES, &mut end)?;
        if u32_at(&end, 0) != END {
            return Err(misplaced_end(source, len)?.into());
        }
        let comment = u64::from(u16_at(&end, 20));
        if comment != 0 {
            let field = "the length of a comment";
            return Err(Refusal::EndRecord { field, found: comment, expected: 0 }.into());
        }
        if let Some(disk) = [4, 6].into_iter().map(|at| u16_at(&end, at)).find(|disk| *disk != 0) {
            return Err(Refusal::MultiDisk { disk: disk.into() }.into());
        }
        let (here, all) = (u16_at(&end, 8), u16_at(&end, 10));
        if here != all {
            let (field, found) = ("the number of entries on this disk", here.into());
            return Err(Refusal::EndRecord { field, found, expected: all.into() }.into());
        }
        let (bytes, offset) = (u32_at(&end, 12), u32_at(&end, 16));
        if all == u16::MAX || bytes == u32::MAX || offset == u32::MAX {
            return Self::read64(source, len);
        }
        Ok(Self {
            entries: all.into(),
            directory_bytes: bytes.into(),
            directory_offset: offset.into(),
            own_bytes: END_BYTES,
        })
    }

    fn read64(source: &dyn ReadAt, len: u64) -> Result<Self, BundleError> {
        let own_bytes = END_BYTES + LOCATOR64_BYTES + END64_BYTES;
        let start = len.checked_sub(own_bytes).ok_or(Refusal::Zip64EndRecord)?;
        let mut end = [0; (END64_BYTES + LOCATOR64_BYTES) as usize];
        read_exact_at(source, start, &mut end)?;
        if u32_at(&end, 0) != END64 || u32_at(&end, END64_BYTES as usize) != LOCATOR64 {
            return Err(Refusal::Zip64EndRecord.into());
        }
        if let Some(disk) = [16, 20].into_iter().map(|at| u32_at(&end, at)).find(|disk| *disk != 0)
        {
            return Err(Refusal::MultiDisk { disk }.into());
        }
        Ok(Self {
            entries: u64_at(&end, 32),
            directory_bytes: u64_at(&end, 40),
            directory_offset: u64_at(&end, 48),
            own_bytes,
        })
    }

    /// The directory must end where the end records begin, and its size must be possible.
    fn check_place(&self, len: u64) -> Result<(), Refusal> {
        let due = len - self.own_bytes;
        let outside = Refusal::DirectoryOutside { bytes: self.directory_bytes };
        let expected = due.checked_sub(self.directory_bytes).ok_or_else(|| outside.clone())?;
        if self.directory_offset != expected {
            let field = "the place of the directory";
            return Err(Refusal::EndRecord { field, found: self.directory_offset, expected });
        }
        if self.entries.checked_mul(CENTRAL_BYTES).is_none_or(|least| least > self.directory_bytes)
        {
            return Err(outside);
        }
        Ok(())
    }

    /// The end records must be byte for byte those that the writer writes.
    fn check_bytes(&self, source: &dyn ReadAt, len: u64) -> Result<(), BundleError> {
        let expected = super::end(self.entries, self.directory_offset, self.directory_bytes);
        if expected.len() as u64 != self.own_bytes {
            return Err(Refusal::Zip64EndRecord.into());
        }
        let mut found = vec![0; expected.len()];
        read_exact_at(source, len - self.own_bytes, &mut found)?;
        if found != expected {
            return Err(Refusal::Zip64EndRecord.into());
        }
        Ok(())
    }
}

/// No end record stands at the end: is there one before something else?
fn misplaced_end(source: &dyn ReadAt, len: u64) -> Result<Refusal, BundleError> {
    let window = len.min(END_BYTES + u64::from(u16::MAX));
    let mut tail = vec![0; usize::try_from(window).unwrap_or_default()];
    read_exact_at(source, len - window, &mut tail)?;
    let found = tail.windows(4).rposition(|bytes| bytes == END.to_le_bytes());
    Ok(match found.map(|at| window - at as u64) {
        Some(rest) if rest > END_BYTES => Refusal::TrailingBytes { bytes: rest - END_BYTES },
        _ => Refusal::NoEndRecord,
    })
}

/// A directory record as it stands in the file.
struct Raw {
    fixed: [u8; CENTRAL_BYTES as usize],
    extra: Vec<u8>,
    comment: Vec<u8>,
}

fn read_directory(source: &dyn ReadAt, end: &End) -> Result<Vec<Record>, BundleError> {
    let section = Section::new(source, end.directory_offset, end.directory_bytes);
    let mut input = BufReader::with_capacity(256 * 1024, section);
    let mut records: Vec<Record> = Vec::new();
    let mut taken = Taken::default();
    // Unsafe names are the worst that an archive can have, so they are told first; the first
    // other fault is told when all names are known to be safe.
    let mut fault = None;
    let mut bytes = 0;
    for index in 0..end.entries {
        let (raw, name) = read_record(&mut input, index)?;
        let name = name::check_bytes(&name)?;
        bytes += CENTRAL_BYTES + (name.len() + raw.extra.len() + raw.comment.len()) as u64;
        let order = records.last().map(|last| last.name.as_bytes().cmp(name.as_bytes()));
        if order == Some(std::cmp::Ordering::Equal) {
            return Err(Refusal::Duplicate { entry: name::shown(name) }.into());
        }
        taken.take(name).map_err(|why| match why {
            NotTaken::Collides(other) => {
                Refusal::NameCollision { entry: name::shown(name), other: name::shown(&other) }
            }
            NotTaken::TooManyFolders => Refusal::TooManyFolders { limit: FOLDERS },
        })?;
        if order == Some(std::cmp::Ordering::Greater) && fault.is_none() {
            let previous = records.last().map(|last| last.name.to_string()).unwrap_or_default();
            fault = Some(Refusal::Unsorted { entry: name.to_owned(), previous });
        }
        match raw.record(name) {
            Ok(record) => records.push(record),
            Err(refusal) => {
                fault.get_or_insert(refusal);
                // Only the name is needed from here on: the archive is refused in any case.
                records.push(Record { name: name.into(), crc32: 0, size: 0, offset: 0 });
            }
        }
    }
    if bytes != end.directory_bytes {
        let (field, found) = ("the size of the directory", end.directory_bytes);
        return Err(Refusal::EndRecord { field, found, expected: bytes }.into());
    }
    match fault {
        Some(refusal) => Err(refusal.into()),
        None => Ok(records),
    }
}

fn read_record(input: &mut impl Read, index: u64) -> Result<(Raw, Vec<u8>), BundleError> {
    let mut take = |bytes: &mut [u8]| {
        input.read_exact(bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Refusal::DirectoryRecord { index }.into(),
            _ => BundleError::from_io("reading the bundle", error),
        })
    };
    let mut fixed = [0; CENTRAL_BYTES as usize];
    take(&mut fixed)?;
    if u32_at(&fixed, 0) != CENTRAL {
        return Err(Refusal::DirectoryRecord { index }.into());
    }
    // Each is at most 64 KiB.
    let mut name = vec![0; u16_at(&fixed, 28).into()];
    let mut extra = vec![0; u16_at(&fixed, 30).into()];
    let mut comment = vec![0; u16_at(&fixed, 32).into()];
    take(&mut name)?;
    take(&mut extra)?;
    take(&mut comment)?;
    Ok((Raw { fixed, extra, comment }, name))
}

impl Raw {
    /// The record, if it is the one that the writer would have written.
    fn record(&self, name: &str) -> Result<Record, Refusal> {
        let entry = || name.to_owned();
        let fixed = &self.fixed;
        let flags = u16_at(fixed, 8);
        if flags & (1 | 1 << 6 | 1 << 13) != 0 {
            return Err(Refusal::Encrypted { entry: entry() });
        }
        let method = u16_at(fixed, 10);
        if method != 0 {
            return Err(Refusal::Compressed { entry: entry(), method });
        }
        let disk = u16_at(fixed, 34);
        if disk != 0 {
            return Err(Refusal::MultiDisk { disk: disk.into() });
        }
        let mode = u32_at(fixed, 38) >> 16;
        let made_on_unix = fixed[5] == 3;
        if made_on_unix && mode & 0o170_000 != 0o100_000 && mode & 0o170_000 != 0 {
            return Err(Refusal::NotAFile { entry: entry(), mode });
        }
        let (stored, size) = (u32_at(fixed, 20), u32_at(fixed, 24));
        if stored != size {
            let (stored, size) = (stored.into(), size.into());
            return Err(Refusal::StoredSize { entry: entry(), stored, size });
        }
        let (size, offset) = self.wide(size, u32_at(fixed, 42), name)?;
        if !self.comment.is_empty() {
            return Err(Refusal::EntryComment { entry: entry() });
        }
        let record = Record { name: name.into(), crc32: u32_at(fixed, 16), size, offset };
        self.compare(&record, flags)?;
        Ok(record)
    }

    /// Size and offset, from the ZIP64 field where the ordinary ones are all ones.
    fn wide(&self, size: u32, offset: u32, name: &str) -> Result<(u64, u64), Refusal> {
        let wide_size = size == u32::MAX;
        let wide_offset = offset == u32::MAX;
        let values = usize::from(wide_size) * 2 + usize::from(wide_offset);
        let expected = if values == 0 { 0 } else { 4 + values * 8 };
        let refuse = || Refusal::ExtraField { entry: name.to_owned() };
        if self.extra.len() != expected {
            return Err(refuse());
        }
        if values == 0 {
            return Ok((size.into(), offset.into()));
        }
        if u16_at(&self.extra, 0) != 1 || usize::from(u16_at(&self.extra, 2)) != values * 8 {
            return Err(refuse());
        }
        let size = if wide_size { u64_at(&self.extra, 4) } else { size.into() };
        let offset = if wide_offset { u64_at(&self.extra, expected - 8) } else { offset.into() };
        Ok((size, offset))
    }

    fn compare(&self, record: &Record, flags: u16) -> Result<(), Refusal> {
        let expected = record.central();
        let (fixed, rest) = expected.split_at(CENTRAL_BYTES as usize);
        let entry = || record.name.to_string();
        if flags != u16_at(fixed, 8) {
            return Err(Refusal::Flags { entry: entry(), flags });
        }
        if rest.get(record.name.len()..) != Some(&self.extra[..]) {
            return Err(Refusal::ExtraField { entry: entry() });
        }
        if fixed == self.fixed {
            return Ok(());
        }
        let field = if self.fixed[12..16] != [0, 0, DATE.to_le_bytes()[0], 0] {
            "time"
        } else if u32_at(&self.fixed, 38) != ATTRIBUTES || u16_at(&self.fixed, 36) != 0 {
            "attributes"
        } else {
            "version"
        };
        Err(Refusal::Foreign { entry: entry(), field })
    }
}

/// Walks the local headers from byte 0 to the directory.
fn walk(source: &dyn ReadAt, records: &[Record], end: &End) -> Result<(), BundleError> {
    let mut due = 0;
    let mut buffer = [0; 64 + PATH_BYTES];
    for record in records {
        let entry = || record.name.to_string();
        if record.offset != due {
            let (expected, found) = (due, record.offset);
            return Err(Refusal::Gap { entry: entry(), expected, found }.into());
        }
        if record.end() > end.directory_offset {
            return Err(Refusal::EntryOutside { entry: entry(), size: record.size }.into());
        }
        let expected = record.local();
        let found = &mut buffer[..expected.len()];
        read_exact_at(source, record.offset, found)?;
        if *found != expected[..] {
            return Err(local_refusal(record, &expected, found).into());
        }
        due = record.end();
    }
    if due != end.directory_offset {
        let entry = "the directory".to_owned();
        return Err(Refusal::Gap { entry, expected: due, found: end.directory_offset }.into());
    }
    Ok(())
}

fn local_refusal(record: &Record, expected: &[u8], found: &[u8]) -> Refusal {
    let entry = record.name.to_string();
    if u32_at(found, 0) != LOCAL {
        return Refusal::LocalHeader { entry, offset: record.offset };
    }
    let fields = [
        (8, 10, "method"),
        (6, 8, "flags"),
        (14, 18, "CRC-32"),
        (18, 26, "size"),
        (26, 28, "length of the name"),
        (30, 30 + record.name.len(), "name"),
        (28, 30, "extra field"),
        (10, 14, "time"),
        (4, 6, "version"),
    ];
    let differs =
        |(from, to, _): &(usize, usize, _)| expected.get(*from..*to) != found.get(*from..*to);
    let field = fields.into_iter().find(differs).map_or("extra field", |(_, _, field)| field);
    Refusal::LocalMismatch { entry, field }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::{self, Seek, SeekFrom};

    use super::*;

    /// A file of zeros with some bytes in it.
    struct Sparse {
        pieces: BTreeMap<u64, Vec<u8>>,
        len: u64,
        at: u64,
    }

    impl ReadAt for Sparse {
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            let left = usize::try_from(self.len.saturating_sub(offset)).unwrap();
            let count = buffer.len().min(left);
            for (at, byte) in (offset..).zip(&mut buffer[..count]) {
                let piece = self.pieces.range(..=at).next_back();
                let inside = piece
                    .and_then(|(start, bytes)| bytes.get(usize::try_from(at - start).unwrap()));
                *byte = inside.copied().unwrap_or(0);
            }
            Ok(count)
        }
    }

    impl Read for Sparse {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.read_at(self.at, buffer)?;
            self.at += read as u64;
            Ok(read)
        }
    }

    impl Seek for Sparse {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            let at = match to {
                SeekFrom::Start(at) => Some(at),
                SeekFrom::End(by) => self.len.checked_add_signed(by),
                SeekFrom::Current(by) => self.at.checked_add_signed(by),
            };
            self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
            Ok(self.at)
        }
    }

    const VAST: Limits = Limits { bytes: u64::MAX, entries: 1000 };

    /// An archive of these sizes, as the writer lays it out.
    fn archive(sizes: &[u64]) -> (Sparse, Vec<Record>) {
        let mut pieces = BTreeMap::new();
        let (mut offset, mut directory, mut records) = (0, Vec::new(), Vec::new());
        for (index, size) in sizes.iter().enumerate() {
            let name = format!("data/{index}").into();
            let record = Record { name, crc32: 7, size: *size, offset };
            pieces.insert(offset, record.local());
            directory.extend(record.central());
            offset = record.end();
            records.push(record);
        }
        let end = super::super::end(sizes.len() as u64, offset, directory.len() as u64);
        let len = offset + (directory.len() + end.len()) as u64;
        directory.extend(end);
        pieces.insert(offset, directory);
        (Sparse { pieces, len, at: 0 }, records)
    }

    #[test]
    fn sizes_and_offsets_around_four_gigabytes_read_back_here_and_elsewhere() {
        let edge = u64::from(u32::MAX);
        for sizes in [
            &[edge - 1, 3][..],
            &[edge, 3],
            &[edge + 1, 3],
            &[edge - 37, 3, 4],
            &[edge - 36, 3, 4],
            &[edge - 35, 3, 4],
            &[5 << 30, 1, 6 << 30, 2],
            &[1 << 40],
        ] {
            let (sparse, records) = archive(sizes);
            let found = read(&sparse, sparse.len, &VAST).unwrap();
            assert_eq!(found, records, "{sizes:?}");
            let mut other = zip::ZipArchive::new(sparse).unwrap();
            for (index, record) in records.iter().enumerate() {
                let file = other.by_index_raw(index).unwrap();
                assert_eq!(file.name().unwrap(), *record.name);
                assert_eq!(file.size(), record.size);
                assert_eq!(file.header_start(), record.offset);
                assert_eq!(file.crc32(), 7);
            }
        }
    }

    #[test]
    fn every_byte_of_zip64_headers_counts() {
        let (sparse, _) = archive(&[5 << 30, 1, u64::from(u32::MAX)]);
        assert!(read(&sparse, sparse.len, &VAST).is_ok());
        let places: Vec<(u64, usize)> = sparse
            .pieces
            .iter()
            .flat_map(|(start, bytes)| (0..bytes.len()).map(move |at| (*start, at)))
            .collect();
        for (start, at) in places {
            let (mut sparse, _) = archive(&[5 << 30, 1, u64::from(u32::MAX)]);
            sparse.pieces.get_mut(&start).unwrap()[at] ^= 1;
            let result = read(&sparse, sparse.len, &VAST);
            assert!(matches!(result, Err(BundleError::Refused(_))), "{start} {at}");
        }
    }
}
