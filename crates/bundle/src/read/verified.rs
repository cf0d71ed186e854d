//! A verified bundle: the only form whose content can be had.

use std::io::{self, Read};
use std::sync::Arc;

use vaultmark_crypto::{ReadAt, sha512};
use vaultmark_model::Digest;

use super::Section;
use super::signed::SignerFacts;
use super::tagged::Tagged;
use crate::entry::Meter;
use crate::error::BundleError;
use crate::frame::MANIFEST;
use crate::info::{BagInfo, Oxum};
use crate::refusal::Refusal;

/// A bundle of which everything was checked.
pub struct Verified {
    tagged: Tagged,
}

/// What is known of a payload file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryFacts<'a> {
    /// Its path in the bundle.
    pub path: &'a str,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-512.
    pub sha512: &'a Digest,
}

impl Verified {
    pub(super) fn new(tagged: Tagged) -> Self {
        Self { tagged }
    }

    /// What bag-info.txt says.
    #[must_use]
    pub fn info(&self) -> &BagInfo {
        &self.tagged.info
    }

    /// Who made the bundle.
    #[must_use]
    pub fn creator(&self) -> &SignerFacts {
        self.tagged.signed.creator()
    }

    /// Who approved it, if somebody did.
    #[must_use]
    pub fn approver(&self) -> Option<&SignerFacts> {
        self.tagged.signed.approver()
    }

    /// Bytes and files of the payload.
    #[must_use]
    pub fn oxum(&self) -> Oxum {
        self.tagged.oxum
    }

    /// SHA-512 of the tag manifest, as on the sender's receipt.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        sha512(&self.tagged.signed.tagmanifest)
    }

    /// The payload, sorted by path.
    pub fn entries(&self) -> impl Iterator<Item = EntryFacts<'_>> {
        (0..self.tagged.digests.len()).map(|index| self.facts(index))
    }

    fn facts(&self, index: usize) -> EntryFacts<'_> {
        let record = &self.tagged.signed.quarantined.records[self.tagged.first + index];
        EntryFacts { path: &record.name, size: record.size, sha512: &self.tagged.digests[index] }
    }

    /// A payload file's facts.
    #[must_use]
    pub fn entry(&self, path: &str) -> Option<EntryFacts<'_>> {
        self.index(path).map(|index| self.facts(index))
    }

    /// Reads a payload file. What is read is hashed again, because the file may change under us:
    /// the last read fails where the content is no longer what was verified, so use nothing of it
    /// before the end.
    ///
    /// # Errors
    /// [`BundleError::NoEntry`].
    pub fn read(&self, path: &str) -> Result<EntryReader, BundleError> {
        self.opener(path).map(|opener| opener.open())
    }

    /// What opens a payload file, each time from its beginning, for as long as it is wanted.
    ///
    /// # Errors
    /// [`BundleError::NoEntry`].
    pub fn opener(&self, path: &str) -> Result<EntryOpener, BundleError> {
        let index =
            self.index(path).ok_or_else(|| BundleError::NoEntry { entry: path.to_owned() })?;
        let quarantined = &self.tagged.signed.quarantined;
        let record = &quarantined.records[self.tagged.first + index];
        Ok(EntryOpener {
            source: Arc::clone(&quarantined.source),
            start: record.content_offset(),
            path: path.to_owned(),
            size: record.size,
            expected: self.tagged.digests[index],
        })
    }

    /// All of a payload file of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Verified::read`], [`Refusal::TagTooLarge`], and what reading says.
    pub fn read_all(&self, path: &str, limit: u64) -> Result<Vec<u8>, BundleError> {
        let mut reader = self.read(path)?;
        if reader.size > limit {
            let (entry, found) = (path.to_owned(), reader.size);
            return Err(Refusal::TagTooLarge { entry, found, limit }.into());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(reader.size).unwrap_or_default());
        reader
            .read_to_end(&mut bytes)
            .map_err(|error| BundleError::from_io(format!("reading `{path}`"), error))?;
        Ok(bytes)
    }

    /// Index among the payload.
    fn index(&self, path: &str) -> Option<usize> {
        let records = &self.tagged.signed.quarantined.records;
        let records = &records[self.tagged.first..self.tagged.first + self.tagged.digests.len()];
        records.binary_search_by(|record| record.name.as_bytes().cmp(path.as_bytes())).ok()
    }
}

/// Opens one payload file of a verified bundle.
#[derive(Clone)]
pub struct EntryOpener {
    source: Arc<dyn ReadAt>,
    start: u64,
    path: String,
    size: u64,
    expected: Digest,
}

impl EntryOpener {
    /// The file from its beginning; see [`Verified::read`].
    #[must_use]
    pub fn open(&self) -> EntryReader {
        EntryReader {
            section: Section::new(Arc::clone(&self.source), self.start, self.size),
            path: self.path.clone(),
            size: self.size,
            expected: self.expected,
            meter: Some(Meter::new()),
        }
    }
}

/// A payload file as a stream that checks itself at its end.
pub struct EntryReader {
    section: Section<Arc<dyn ReadAt>>,
    path: String,
    size: u64,
    expected: Digest,
    meter: Option<Meter>,
}

impl EntryReader {
    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl Read for EntryReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.section.read(buffer)?;
        if let Some(meter) = &mut self.meter {
            meter.update(&buffer[..read]);
            if meter.size() == self.size
                && let Some(meter) = self.meter.take()
                && meter.finish().sha512 != self.expected
            {
                let (manifest, entry) = (MANIFEST.to_owned(), self.path.clone());
                return Err(BundleError::from(Refusal::Digest { manifest, entry }).into());
            }
        }
        Ok(read)
    }
}
