//! Quarantine: the archive has one reading and the files of a bag; nothing of it is trusted.

use std::fs::File;
use std::sync::Arc;

use vaultmark_crypto::ReadAt;

use super::signed::{Signed, Trust};
use super::{Limits, read_exact_at};
use crate::error::BundleError;
use crate::frame::{self, APPROVER, CREATOR, MANIFEST, PAYLOAD, TAGMANIFEST};
use crate::refusal::Refusal;
use crate::zip::{Record, directory};

/// A file whose structure is that of a bundle. Its content is not yet trusted, and can't be had.
pub struct Quarantined {
    pub(super) source: Arc<dyn ReadAt>,
    pub(super) records: Vec<Record>,
    len: u64,
}

impl Quarantined {
    /// Looks at the structure of `len` bytes.
    ///
    /// # Errors
    /// [`BundleError::Refused`] with the rule that is broken.
    pub fn open(source: Arc<dyn ReadAt>, len: u64, limits: &Limits) -> Result<Self, BundleError> {
        let records = directory::read(&*source, len, limits)?;
        check_frame(records.iter().map(|record| &*record.name))?;
        Ok(Self { source, records, len })
    }

    /// Looks at the structure of a file.
    ///
    /// # Errors
    /// As [`Quarantined::open`].
    pub fn open_file(file: File, limits: &Limits) -> Result<Self, BundleError> {
        let facts =
            file.metadata().map_err(|error| BundleError::from_io("opening the bundle", error))?;
        if !facts.is_file() {
            return Err(Refusal::TooShort { bytes: 0 }.into());
        }
        Self::open(Arc::new(file), facts.len(), limits)
    }

    /// Bytes of the file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.len
    }

    /// Number of entries, the frame included.
    #[must_use]
    pub fn entry_count(&self) -> u64 {
        self.records.len() as u64
    }

    /// Checks the signatures over the tag manifest. Who signed is told, and whether `trust` knows
    /// the key; an unknown but valid signer is for the caller to decide about.
    ///
    /// # Errors
    /// [`BundleError::Refused`] where a signature is not valid for this bundle.
    pub fn check_signatures(self, trust: &Trust) -> Result<Signed, BundleError> {
        Signed::check(self, trust)
    }

    pub(super) fn find(&self, name: &str) -> Option<&Record> {
        let at = self
            .records
            .binary_search_by(|record| record.name.as_bytes().cmp(name.as_bytes()))
            .ok()?;
        self.records.get(at)
    }

    /// All of a small file of the frame, its CRC-32 checked.
    pub(super) fn read_small(&self, name: &str, limit: u64) -> Result<Vec<u8>, BundleError> {
        let record = self.find(name).ok_or_else(|| Refusal::Missing { entry: name.to_owned() })?;
        if record.size > limit {
            let entry = name.to_owned();
            return Err(Refusal::TagTooLarge { entry, found: record.size, limit }.into());
        }
        let mut bytes = vec![0; usize::try_from(record.size).unwrap_or_default()];
        read_exact_at(&*self.source, record.content_offset(), &mut bytes)?;
        if crc32fast::hash(&bytes) != record.crc32 {
            return Err(Refusal::Crc { entry: name.to_owned() }.into());
        }
        Ok(bytes)
    }
}

/// The files outside the payload are exactly those of a bundle.
fn check_frame<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    const REQUIRED: [&str; 6] =
        [frame::BAG_INFO, frame::BAGIT, frame::README, MANIFEST, CREATOR, TAGMANIFEST];
    let mut found = [false; REQUIRED.len()];
    for name in names {
        if let Some(at) = REQUIRED.iter().position(|required| *required == name) {
            found[at] = true;
        } else if name != APPROVER && !name.starts_with(PAYLOAD) {
            return Err(refuse_outsider(name));
        }
    }
    match found.iter().position(|found| !found) {
        Some(at) => Err(Refusal::Missing { entry: REQUIRED[at].to_owned() }),
        None => Ok(()),
    }
}

/// Names what a file outside the payload is, where BagIt knows it.
pub(crate) fn refuse_outsider(name: &str) -> Refusal {
    let entry = name.to_owned();
    if name == "fetch.txt" {
        return Refusal::Fetch { entry };
    }
    let manifest = name.strip_prefix("tagmanifest-").or_else(|| name.strip_prefix("manifest-"));
    if manifest.is_some_and(|rest| rest.ends_with(".txt") && !rest.contains('/')) {
        return Refusal::OtherManifest { entry };
    }
    Refusal::UnexpectedFile { entry }
}
