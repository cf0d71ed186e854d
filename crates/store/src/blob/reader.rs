//! Reading a sealed file.

use std::fs::File;
use std::io::{self, BufRead, Read as _};
use std::path::Path;

use vaultmark_crypto::{CryptoError, OpenReader, ReadAt, padme, sealed_len};
use vaultmark_model::ProjectId;

use super::{BlobFacts, context, open_file};
use crate::StoreError;

/// An open blob. Its beginning and its end were authenticated when it was opened, and its length
/// compared with the database; each byte it gives is authenticated when it is read.
pub struct BlobReader {
    open: OpenReader<File>,
    length: u64,
    what: String,
}

impl BlobReader {
    pub(super) fn open(
        path: &Path,
        project: &ProjectId,
        facts: &BlobFacts,
        what: &str,
    ) -> Result<Self, StoreError> {
        let file = match open_file(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::damaged(what, "its sealed file is missing"));
            }
            Err(e) => return Err(StoreError::io("opening", path, e)),
        };
        let found = file.metadata().map_err(|e| StoreError::io("opening", path, e))?.len();
        if found != facts.sealed || sealed_len(padme(facts.length)) != facts.sealed {
            return Err(StoreError::damaged(
                what,
                format!("its sealed file has {found} bytes where {} were written", facts.sealed),
            ));
        }
        let bound = context(project, &facts.id);
        let fail = |e| damage(what, e);
        let open = OpenReader::new(file, &facts.key, &bound, found).map_err(fail)?;
        open.authenticate_end().map_err(fail)?;
        Ok(Self { open, length: facts.length, what: what.to_owned() })
    }

    /// Bytes of the file as it was brought in.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether it has no byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Reads from the beginning to the end. Errors name the item (see
    /// [`BlobReader::explain`]).
    #[must_use]
    pub fn reader(&self) -> impl BufRead + '_ {
        self.open.reader().take(self.length)
    }

    /// What a reading error means: damage is said of the item, the rest stays the system's.
    #[must_use]
    pub fn explain(&self, error: io::Error) -> StoreError {
        damage(&self.what, CryptoError::from_io("reading a blob", error))
    }
}

impl ReadAt for BlobReader {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        // The padding after the end is not part of the file.
        let there = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buf.len().min(there);
        self.open.read_at(offset, &mut buf[..wanted]).map_err(|e| {
            let kind = io::Error::from(e);
            io::Error::new(kind.kind(), self.explain(kind))
        })
    }
}

impl std::fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobReader").field("length", &self.length).finish_non_exhaustive()
    }
}

fn damage(what: &str, error: CryptoError) -> StoreError {
    match error {
        CryptoError::Io { source, .. } => StoreError::io("reading", Path::new(what), source),
        CryptoError::WrongKey { .. } => StoreError::damaged(
            what,
            "its sealed file was altered, or is another one put in its place",
        ),
        CryptoError::Damaged { position, .. } => {
            let at = position.map_or_else(String::new, |p| format!(" near byte {p}"));
            StoreError::damaged(what, format!("its sealed file was altered{at}"))
        }
        CryptoError::Truncated { .. } => StoreError::damaged(what, "its sealed file is cut short"),
        other => other.into(),
    }
}
