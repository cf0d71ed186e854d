//! Writing a frozen bag: a stream to anything that takes bytes, without seeking back.
//!
//! Media are not hashed a second time: their SHA-512 was taken at import and is what the manifest
//! states. Size and CRC-32 of every entry are checked while it passes, because both stand in the
//! header before it; a mismatch stops the writing. Whether the medium kept what was written is
//! settled by reading it back and verifying it.

use std::io::{self, Write};

use vaultmark_model::Digest;
use vaultmark_model::policy::ExportPolicy;
use vaultmark_model::work::{Progress, Work};

use crate::draft::{Frozen, Signatures, record};
use crate::entry::Entry;
use crate::error::BundleError;
use crate::frame::SIGNATURE_BYTES;
use crate::zip;

/// What has been written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Bytes of the unsealed file.
    pub bytes: u64,
    /// Entries, the bag's frame included.
    pub entries: u64,
    /// SHA-512 of the tag manifest, for the receipt.
    pub fingerprint: Digest,
}

/// How much is gathered before it is handed on.
const BUFFER: usize = 512 * 1024;

impl Frozen {
    /// Writes the bundle. The same frozen bag and signatures give the same bytes.
    ///
    /// # Errors
    /// [`BundleError::BrokenPromise`] where an entry's producer gives other bytes than were
    /// promised; what a producer or `out` says; [`BundleError::Cancelled`]. What was written until
    /// then is no bundle.
    pub fn write(
        &self,
        out: &mut dyn Write,
        signatures: &Signatures,
        work: Work<'_>,
    ) -> Result<Written, BundleError> {
        self.check_signatures(signatures)?;
        let signed = signatures.entries();
        let entries = self.with_signatures(&signed);
        let mut sink = Sink {
            out: io::BufWriter::with_capacity(BUFFER, out),
            at: 0,
            entry: EntryMeter::default(),
            progress: Progress {
                total: entries.len() as u64,
                bytes_total: entries.iter().map(|entry| entry.size).sum(),
                ..Progress::default()
            },
            work,
        };
        let mut directory = Vec::new();
        for entry in &entries {
            let record = record(entry, sink.at);
            sink.frame(&record.local())?;
            directory.extend_from_slice(&record.central());
            sink.content(entry)?;
        }
        let offset = sink.at;
        sink.frame(&directory)?;
        sink.frame(&zip::end(entries.len() as u64, offset, directory.len() as u64))?;
        sink.out.flush().map_err(|error| BundleError::from_io("writing the bundle", error))?;
        Ok(Written {
            bytes: sink.at,
            entries: entries.len() as u64,
            fingerprint: self.fingerprint(),
        })
    }

    fn check_signatures(&self, signatures: &Signatures) -> Result<(), BundleError> {
        let limit = usize::try_from(SIGNATURE_BYTES).unwrap_or(usize::MAX);
        let approver = signatures.approver.as_deref();
        for (role, text) in [("creator", Some(signatures.creator.as_str())), ("approver", approver)]
        {
            if let Some(bytes) = text.map(str::len).filter(|bytes| *bytes == 0 || *bytes > limit) {
                return Err(BundleError::SignatureSize { role, bytes, limit });
            }
        }
        if self.info.policy == ExportPolicy::Two && approver.is_none() {
            return Err(BundleError::ApproverMissing);
        }
        Ok(())
    }
}

/// The stream, and what has passed of the present entry.
struct Sink<'a> {
    out: io::BufWriter<&'a mut dyn Write>,
    at: u64,
    entry: EntryMeter,
    progress: Progress,
    work: Work<'a>,
}

#[derive(Default)]
struct EntryMeter {
    crc: crc32fast::Hasher,
    size: u64,
    promised: u64,
}

impl Sink<'_> {
    fn frame(&mut self, bytes: &[u8]) -> Result<(), BundleError> {
        self.out
            .write_all(bytes)
            .map_err(|error| BundleError::from_io("writing the bundle", error))?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn content(&mut self, entry: &Entry) -> Result<(), BundleError> {
        self.entry = EntryMeter { promised: entry.size, ..EntryMeter::default() };
        let produced = entry.produce(0..entry.size, self);
        if self.work.cancel.is_cancelled() {
            return Err(BundleError::Cancelled);
        }
        if self.entry.size > entry.size {
            return Err(entry.broken_size(self.entry.size));
        }
        produced?;
        let EntryMeter { crc, size, .. } = std::mem::take(&mut self.entry);
        if size != entry.size {
            return Err(entry.broken_size(size));
        }
        let found = crc.finalize();
        if found != entry.crc32 {
            return Err(BundleError::BrokenPromise {
                entry: entry.path.clone(),
                found: format!("CRC-32 {found:08x}"),
                promised: format!("{:08x}", entry.crc32),
            });
        }
        self.progress.done += 1;
        (self.work.report)(self.progress);
        Ok(())
    }
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.work.cancel.is_cancelled() {
            return Err(BundleError::Cancelled.into());
        }
        self.entry.size += bytes.len() as u64;
        if self.entry.size > self.entry.promised {
            return Err(io::Error::other("more than was promised"));
        }
        self.entry.crc.update(bytes);
        self.out.write_all(bytes)?;
        self.at += bytes.len() as u64;
        self.progress.bytes_done += bytes.len() as u64;
        (self.work.report)(self.progress);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
