//! From a draft to a frozen bag: names checked, entries sorted, manifests written. What is frozen
//! has its bytes settled; only the signatures over its tag manifest are still to come.

use std::collections::HashSet;

use vaultmark_crypto::sha512;
use vaultmark_model::Digest;

use crate::entry::Entry;
use crate::error::BundleError;
use crate::frame::{self, APPROVER, BAG_INFO, BAGIT, CREATOR, MANIFEST, TAGMANIFEST};
use crate::info::{BagInfo, Oxum};
use crate::name::{self, FOLDERS, NotTaken, Taken};
use crate::refusal::Refusal;
use crate::zip::{self, Record, directory::DIRECTORY_BYTES};

/// The most payload files of one bag.
pub const ENTRIES: u64 = 1_000_000;

/// Room in the directory for the frame's entries, and for the names of parts.
const DIRECTORY_SPARE: u64 = 1 << 20;

/// What is to be sent.
#[derive(Debug)]
pub struct Draft {
    /// What bag-info.txt will say.
    pub info: BagInfo,
    /// The payload, in any order; `data/README.txt` is among it.
    pub entries: Vec<Entry>,
}

impl Draft {
    /// Settles the bytes of one bag. For volumes see [`Draft::freeze_volumes`].
    ///
    /// # Errors
    /// Where a name, a value of [`BagInfo`] or the number of entries breaks a rule.
    pub fn freeze(mut self) -> Result<Frozen, BundleError> {
        self.sort()?;
        Frozen::new(self.info, self.entries)
    }

    /// Checks names and sorts the entries by the bytes of their paths.
    pub(crate) fn sort(&mut self) -> Result<(), BundleError> {
        self.info.check()?;
        if self.entries.len() as u64 > ENTRIES {
            return Err(BundleError::TooMuch { what: "files", limit: ENTRIES });
        }
        self.entries.sort_unstable_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
        let mut taken = Taken::default();
        let (mut datasheet, mut directory) = (false, 0);
        for entry in &self.entries {
            check_payload_name(&entry.path)?;
            taken.take(&entry.path).map_err(|why| match why {
                NotTaken::Collides(other) => {
                    BundleError::EntryCollision { entry: entry.path.clone(), other }
                }
                NotTaken::TooManyFolders => {
                    BundleError::TooMuch { what: "folders", limit: FOLDERS as u64 }
                }
            })?;
            // As large as it may become, wherever the entry will lie.
            directory += record(entry, u64::MAX).central_bytes();
            if directory > DIRECTORY_BYTES - DIRECTORY_SPARE {
                let limit = DIRECTORY_BYTES - DIRECTORY_SPARE;
                return Err(BundleError::TooMuch { what: "bytes of names", limit });
            }
            datasheet |= entry.path == frame::README;
        }
        if datasheet { Ok(()) } else { Err(BundleError::NoDatasheet) }
    }
}

fn check_payload_name(path: &str) -> Result<(), BundleError> {
    name::check(path)
        .map_err(|why: Refusal| BundleError::EntryName { entry: name::shown(path), why })?;
    if path.starts_with(frame::PAYLOAD) {
        Ok(())
    } else {
        Err(BundleError::OutsidePayload { entry: path.to_owned() })
    }
}

/// The signatures over [`Frozen::tagmanifest`], as armored SSH signatures.
#[derive(Debug, Clone)]
pub struct Signatures {
    /// In the namespace of creators.
    pub creator: String,
    /// In the namespace of approvers; demanded by a two-person policy.
    pub approver: Option<String>,
}

impl Signatures {
    /// The files that they are in the bundle.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let creator = Entry::bytes(CREATOR, self.creator.clone().into_bytes());
        let approver = self.approver.clone().map(|text| Entry::bytes(APPROVER, text.into_bytes()));
        std::iter::once(creator).chain(approver).collect()
    }
}

/// A bag whose bytes are settled but for the signatures.
#[derive(Debug)]
pub struct Frozen {
    pub(crate) info: BagInfo,
    pub(crate) oxum: Oxum,
    /// Sorted payload.
    pub(crate) payload: Vec<Entry>,
    /// bag-info.txt, bagit.txt, manifest and tag manifest.
    pub(crate) tags: Vec<Entry>,
    tagmanifest: Vec<u8>,
}

impl Frozen {
    /// `payload` is checked and sorted.
    pub(crate) fn new(info: BagInfo, payload: Vec<Entry>) -> Result<Self, BundleError> {
        let mut oxum = Oxum::default();
        // At once: with a million files it has 180 MB.
        let bytes = payload.iter().map(|entry| frame::line_bytes(&entry.path)).sum();
        let mut manifest = Vec::with_capacity(bytes);
        for entry in &payload {
            oxum.files += 1;
            oxum.bytes = oxum
                .bytes
                .checked_add(entry.size)
                .ok_or(BundleError::TooMuch { what: "bytes", limit: u64::MAX })?;
            frame::push_line(&mut manifest, &entry.sha512, &entry.path);
        }
        let mut tags = vec![
            Entry::bytes(BAG_INFO, info.to_bytes(oxum)?),
            Entry::bytes(BAGIT, frame::DECLARATION.to_vec()),
            Entry::bytes(MANIFEST, manifest),
        ];
        if tags[0].size > frame::BAG_INFO_BYTES {
            let why = format!(
                "all of it has {} bytes, {} are allowed",
                tags[0].size,
                frame::BAG_INFO_BYTES
            );
            return Err(BundleError::InfoValue { field: "description", why });
        }
        let mut tagmanifest = Vec::new();
        for tag in &tags {
            frame::push_line(&mut tagmanifest, &tag.sha512, &tag.path);
        }
        tags.push(Entry::bytes(TAGMANIFEST, tagmanifest.clone()));
        Ok(Self { info, oxum, payload, tags, tagmanifest })
    }

    /// What the signatures are over: the bytes of tagmanifest-sha512.txt.
    #[must_use]
    pub fn tagmanifest(&self) -> &[u8] {
        &self.tagmanifest
    }

    /// SHA-512 of the tag manifest: the fingerprint of the unsigned content.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        sha512(&self.tagmanifest)
    }

    /// What bag-info.txt says.
    #[must_use]
    pub fn info(&self) -> &BagInfo {
        &self.info
    }

    /// Bytes and files of the payload.
    #[must_use]
    pub fn oxum(&self) -> Oxum {
        self.oxum
    }

    /// The payload in its order in the bundle.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.payload
    }

    /// Bytes of the unsealed file with these signatures.
    #[must_use]
    pub fn size(&self, signatures: &Signatures) -> u64 {
        let signed = signatures.entries();
        let all = self.with_signatures(&signed);
        let mut offset = 0;
        let mut directory = 0;
        for entry in &all {
            let record = record(entry, offset);
            offset = record.end();
            directory += record.central_bytes();
        }
        offset + directory + zip::end(all.len() as u64, offset, directory).len() as u64
    }

    /// All entries in the order of the file, with those of [`Signatures::entries`].
    pub(crate) fn with_signatures<'a>(&'a self, signed: &'a [Entry]) -> Vec<&'a Entry> {
        let mut all: Vec<_> = self.payload.iter().chain(&self.tags).chain(signed).collect();
        all.sort_unstable_by(|a, b| a.path.as_bytes().cmp(b.path.as_bytes()));
        debug_assert_eq!(all.iter().map(|e| &e.path).collect::<HashSet<_>>().len(), all.len());
        all
    }
}

pub(crate) fn record(entry: &Entry, offset: u64) -> Record {
    Record { name: entry.path.as_str().into(), crc32: entry.crc32, size: entry.size, offset }
}
