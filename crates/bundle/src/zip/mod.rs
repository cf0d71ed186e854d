//! The container: ZIP (PKWARE APPNOTE 6.3.x) narrowed to one form. Every header is a function of
//! name, CRC-32, size and offset alone, so the writer emits exactly what the reader demands.
//!
//! Fixed: method 0 (stored); time 1980-01-01 00:00:00; made on Unix, a regular file of mode 0644;
//! flags zero but bit 11 (UTF-8) where the name is not ASCII; no data descriptors, comments or
//! extra fields. ZIP64 records stand exactly where a value does not fit the ordinary field
//! (4.4.8, 4.4.9, 4.4.16: all ones) and nowhere else.

pub(crate) mod directory;

/// Signature of a local file header (4.3.7).
pub(crate) const LOCAL: u32 = 0x0403_4b50;
/// Signature of a central directory header (4.3.12).
pub(crate) const CENTRAL: u32 = 0x0201_4b50;
/// Signature of the ZIP64 end record (4.3.14).
pub(crate) const END64: u32 = 0x0606_4b50;
/// Signature of the ZIP64 end locator (4.3.15).
pub(crate) const LOCATOR64: u32 = 0x0706_4b50;
/// Signature of the end record (4.3.16).
pub(crate) const END: u32 = 0x0605_4b50;

/// Bytes of a local header before name and extra field.
pub(crate) const LOCAL_BYTES: u64 = 30;
/// Bytes of a central header before name and extra field.
pub(crate) const CENTRAL_BYTES: u64 = 46;
/// Bytes of the end record.
pub(crate) const END_BYTES: u64 = 22;
/// Bytes of the ZIP64 end record.
pub(crate) const END64_BYTES: u64 = 56;
/// Bytes of the ZIP64 locator.
pub(crate) const LOCATOR64_BYTES: u64 = 20;

/// 1980-01-01 in MS-DOS form (4.4.6).
pub(crate) const DATE: u16 = 0x0021;
/// Regular file, mode 0644, as Unix attributes.
pub(crate) const ATTRIBUTES: u32 = 0o100_644 << 16;
/// The UTF-8 flag (4.4.4, bit 11).
pub(crate) const UTF8: u16 = 1 << 11;

const MAX32: u64 = 0xffff_ffff;
const MAX16: u64 = 0xffff;

/// What a header says about an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) name: Box<str>,
    pub(crate) crc32: u32,
    pub(crate) size: u64,
    /// Where its local header begins.
    pub(crate) offset: u64,
}

impl Record {
    /// Bytes of the local header.
    pub(crate) fn local_bytes(&self) -> u64 {
        LOCAL_BYTES + self.name.len() as u64 + if self.size >= MAX32 { 20 } else { 0 }
    }

    /// Where the content begins.
    pub(crate) fn content_offset(&self) -> u64 {
        self.offset + self.local_bytes()
    }

    /// Where the content ends.
    pub(crate) fn end(&self) -> u64 {
        self.content_offset().saturating_add(self.size)
    }

    /// Bytes of the central header.
    pub(crate) fn central_bytes(&self) -> u64 {
        let extra = self.extra64(self.offset >= MAX32).len() as u64;
        CENTRAL_BYTES + self.name.len() as u64 + extra
    }

    /// The ZIP64 extra field (4.5.3): size, stored size and offset, each only where needed.
    fn extra64(&self, with_offset: bool) -> Vec<u8> {
        let mut values = Vec::new();
        if self.size >= MAX32 {
            values.extend([self.size, self.size]);
        }
        if with_offset {
            values.push(self.offset);
        }
        let mut extra = Vec::new();
        if !values.is_empty() {
            extra.extend_from_slice(&1u16.to_le_bytes());
            extra.extend_from_slice(&u16::try_from(values.len() * 8).unwrap_or(24).to_le_bytes());
            values.iter().for_each(|value| extra.extend_from_slice(&value.to_le_bytes()));
        }
        extra
    }

    fn flags(&self) -> u16 {
        if self.name.is_ascii() { 0 } else { UTF8 }
    }

    /// Fields that both headers share, from "version needed" on.
    fn common(&self, extra: &[u8], out: &mut Vec<u8>) {
        let version: u16 = if extra.is_empty() { 20 } else { 45 };
        let size = low32(self.size).to_le_bytes();
        out.extend_from_slice(&version.to_le_bytes());
        out.extend_from_slice(&self.flags().to_le_bytes());
        out.extend_from_slice(&0u16.to_le_bytes()); // stored
        out.extend_from_slice(&0u16.to_le_bytes()); // 00:00:00
        out.extend_from_slice(&DATE.to_le_bytes());
        out.extend_from_slice(&self.crc32.to_le_bytes());
        out.extend_from_slice(&size);
        out.extend_from_slice(&size);
        out.extend_from_slice(&low16(self.name.len() as u64).to_le_bytes());
        out.extend_from_slice(&low16(extra.len() as u64).to_le_bytes());
    }

    /// The local header's bytes.
    pub(crate) fn local(&self) -> Vec<u8> {
        let extra = self.extra64(false);
        let mut out = Vec::with_capacity(64 + self.name.len());
        out.extend_from_slice(&LOCAL.to_le_bytes());
        self.common(&extra, &mut out);
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(&extra);
        out
    }

    /// The central header's bytes.
    pub(crate) fn central(&self) -> Vec<u8> {
        let extra = self.extra64(self.offset >= MAX32);
        let mut out = Vec::with_capacity(80 + self.name.len());
        out.extend_from_slice(&CENTRAL.to_le_bytes());
        let version: u16 = if extra.is_empty() { 20 } else { 45 };
        out.extend_from_slice(&(3 << 8 | version).to_le_bytes()); // made on Unix
        self.common(&extra, &mut out);
        out.extend_from_slice(&[0; 6]); // no comment, disk 0, internal attributes 0
        out.extend_from_slice(&ATTRIBUTES.to_le_bytes());
        out.extend_from_slice(&low32(self.offset).to_le_bytes());
        out.extend_from_slice(self.name.as_bytes());
        out.extend_from_slice(&extra);
        out
    }
}

/// The end of the archive: ZIP64 record and locator where needed, then the end record.
pub(crate) fn end(entries: u64, directory_offset: u64, directory_bytes: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(98);
    if entries >= MAX16 || directory_offset >= MAX32 || directory_bytes >= MAX32 {
        out.extend_from_slice(&END64.to_le_bytes());
        out.extend_from_slice(&(END64_BYTES - 12).to_le_bytes());
        out.extend_from_slice(&(3u16 << 8 | 45).to_le_bytes());
        out.extend_from_slice(&45u16.to_le_bytes());
        out.extend_from_slice(&[0; 8]); // disk 0, directory on disk 0
        out.extend_from_slice(&entries.to_le_bytes());
        out.extend_from_slice(&entries.to_le_bytes());
        out.extend_from_slice(&directory_bytes.to_le_bytes());
        out.extend_from_slice(&directory_offset.to_le_bytes());
        out.extend_from_slice(&LOCATOR64.to_le_bytes());
        out.extend_from_slice(&0u32.to_le_bytes());
        out.extend_from_slice(&directory_offset.saturating_add(directory_bytes).to_le_bytes());
        out.extend_from_slice(&1u32.to_le_bytes());
    }
    out.extend_from_slice(&END.to_le_bytes());
    out.extend_from_slice(&[0; 4]); // disk 0, directory on disk 0
    out.extend_from_slice(&low16(entries).to_le_bytes());
    out.extend_from_slice(&low16(entries).to_le_bytes());
    out.extend_from_slice(&low32(directory_bytes).to_le_bytes());
    out.extend_from_slice(&low32(directory_offset).to_le_bytes());
    out.extend_from_slice(&0u16.to_le_bytes()); // no comment
    out
}

/// The value, or all ones where it does not fit.
fn low32(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn low16(value: u64) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}
