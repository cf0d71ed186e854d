//! Reading a bundle from outside: quarantine, signatures, tag manifest, manifest, content. Each
//! step is a type that only the step before can make, so code that uses an unverified bundle
//! can't be written.
//!
//! ```text
//! Quarantined ─check_signatures─► Signed ─check_tags─► Tagged ─check_payload─► Verified
//! ```

pub(crate) use quarantine::refuse_outsider;

mod content;
mod quarantine;
mod signed;
mod tagged;
mod verified;

use std::io::{self, Read};

use vaultmark_crypto::ReadAt;

pub use quarantine::Quarantined;
pub use signed::{Signed, SignerFacts, Trust};
pub use tagged::Tagged;
pub use verified::{EntryFacts, EntryOpener, EntryReader, Verified};

use crate::error::BundleError;

/// What is accepted at most, before anything is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Entries, the frame included.
    pub entries: u64,
}

impl Default for Limits {
    /// What one volume may have: 4 GiB less 16 MiB, and a million payload files.
    fn default() -> Self {
        Self { bytes: crate::volumes::VOLUME_BYTES, entries: crate::draft::ENTRIES + 6 }
    }
}

macro_rules! opaque {
    ($($step:ident),*) => {$(
        /// Shows the step alone, nothing of the bundle.
        impl std::fmt::Debug for $step {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($step)).finish_non_exhaustive()
            }
        }
    )*};
}
opaque!(Quarantined, Signed, Tagged, Verified, EntryOpener);

/// Part of a file as a stream.
pub(crate) struct Section<S> {
    source: S,
    at: u64,
    end: u64,
}

impl<S> Section<S> {
    pub(crate) fn new(source: S, start: u64, len: u64) -> Self {
        Self { source, at: start, end: start.saturating_add(len) }
    }
}

impl<S: ReadAt> Read for Section<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let want = buffer.len().min(left);
        if want == 0 {
            return Ok(0);
        }
        let read = self.source.read_at(self.at, &mut buffer[..want])?;
        if read == 0 {
            // The file was cut while it is read.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += read as u64;
        Ok(read)
    }
}

/// Fills the buffer.
pub(crate) fn read_exact_at(
    source: &dyn ReadAt,
    offset: u64,
    buffer: &mut [u8],
) -> Result<(), BundleError> {
    let mut filled = 0;
    while filled < buffer.len() {
        let read = source
            .read_at(offset + filled as u64, &mut buffer[filled..])
            .map_err(|error| BundleError::from_io("reading the bundle", error))?;
        if read == 0 {
            let error = io::ErrorKind::UnexpectedEof.into();
            return Err(BundleError::from_io("reading the bundle", error));
        }
        filled += read;
    }
    Ok(())
}
