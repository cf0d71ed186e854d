//! What a bundle carries: named content of known size and digests, produced when it is written.

use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use vaultmark_crypto::{ReadAt, Sha512Hasher, sha512};
use vaultmark_model::Digest;

use crate::error::BundleError;

/// Writes all of the content; may be called several times and must give the same bytes.
pub type Stream = dyn Fn(&mut dyn Write) -> Result<(), BundleError> + Send + Sync;
/// Opens the content for reading at any place; may be called several times.
pub type Open = dyn Fn() -> Result<Box<dyn ReadAt>, BundleError> + Send + Sync;

#[derive(Clone)]
enum Content {
    Bytes(Arc<Vec<u8>>),
    Stream(Arc<Stream>),
    Open(Arc<Open>),
    /// A range of another entry: one part of a file that no volume could hold.
    Part(Arc<Entry>, Range<u64>),
}

/// A payload file. Its digests are promises: the writer checks size and CRC-32 of what is
/// produced, and a reader the SHA-512.
#[derive(Clone)]
pub struct Entry {
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) crc32: u32,
    pub(crate) sha512: Digest,
    content: Content,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("path", &self.path)
            .field("size", &self.size)
            .field("sha512", &self.sha512)
            .finish_non_exhaustive()
    }
}

/// How much is read at once.
const CHUNK: usize = 256 * 1024;

impl Entry {
    /// Content in memory.
    #[must_use]
    pub fn bytes(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            path: path.into(),
            size: bytes.len() as u64,
            crc32: crc32fast::hash(&bytes),
            sha512: sha512(&bytes),
            content: Content::Bytes(Arc::new(bytes)),
        }
    }

    /// Content of known digests that is streamed.
    #[must_use]
    pub fn streamed(
        path: impl Into<String>,
        size: u64,
        crc32: u32,
        sha512: Digest,
        produce: Box<Stream>,
    ) -> Self {
        let content = Content::Stream(Arc::from(produce));
        Self { path: path.into(), size, crc32, sha512, content }
    }

    /// Content of known digests that can be read at any place, such as an opened blob. Prefer it
    /// for large files: volumes then read each byte once.
    #[must_use]
    pub fn opened(
        path: impl Into<String>,
        size: u64,
        crc32: u32,
        sha512: Digest,
        open: Box<Open>,
    ) -> Self {
        Self { path: path.into(), size, crc32, sha512, content: Content::Open(Arc::from(open)) }
    }

    /// Content of unknown digests: it is produced once to measure it, and again when written.
    ///
    /// # Errors
    /// What the producer says.
    pub fn measured(path: impl Into<String>, produce: Box<Stream>) -> Result<Self, BundleError> {
        let path = path.into();
        let mut meter = Meter::new();
        produce(&mut meter)?;
        let Measured { size, crc32, sha512 } = meter.finish();
        Ok(Self { path, size, crc32, sha512, content: Content::Stream(Arc::from(produce)) })
    }

    /// Where it stands in the bundle.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Its SHA-512.
    #[must_use]
    pub fn sha512(&self) -> &Digest {
        &self.sha512
    }

    /// One part of the entry, measured by producing it.
    pub(crate) fn part(
        whole: &Arc<Self>,
        path: String,
        range: Range<u64>,
    ) -> Result<Self, BundleError> {
        let mut meter = Meter::new();
        whole.produce(range.clone(), &mut meter)?;
        let Measured { size, crc32, sha512 } = meter.finish();
        if size != range.end - range.start {
            return Err(whole.broken_size(size + range.start));
        }
        let content = Content::Part(Arc::clone(whole), range);
        Ok(Self { path, size, crc32, sha512, content })
    }

    pub(crate) fn broken_size(&self, found: u64) -> BundleError {
        BundleError::BrokenPromise {
            entry: self.path.clone(),
            found: format!("{found} bytes"),
            promised: format!("{} bytes", self.size),
        }
    }

    /// Writes the range of the content.
    pub(crate) fn produce(
        &self,
        range: Range<u64>,
        out: &mut dyn Write,
    ) -> Result<(), BundleError> {
        let failed = |error| BundleError::from_io(format!("writing `{}`", self.path), error);
        match &self.content {
            Content::Bytes(bytes) => {
                let window = usize::try_from(range.start)
                    .ok()
                    .zip(usize::try_from(range.end).ok())
                    .and_then(|(start, end)| bytes.get(start..end));
                out.write_all(window.unwrap_or_default()).map_err(failed)
            }
            Content::Open(open) => self.copy_range(&*open()?, range, out),
            Content::Part(whole, part) => {
                whole.produce(part.start + range.start..part.start + range.end, out)
            }
            Content::Stream(produce) if range == (0..self.size) => produce(out),
            Content::Stream(produce) => {
                let mut window = Window { out, range: range.clone(), at: 0 };
                match produce(&mut window) {
                    // The producer was stopped at the window's end.
                    Err(_) if window.at >= range.end => Ok(()),
                    result => result,
                }
            }
        }
    }

    fn copy_range(
        &self,
        source: &dyn ReadAt,
        range: Range<u64>,
        out: &mut dyn Write,
    ) -> Result<(), BundleError> {
        let mut buffer = vec![0; CHUNK];
        let mut at = range.start;
        while at < range.end {
            let want = usize::try_from(range.end - at).unwrap_or(CHUNK).min(CHUNK);
            let read = source
                .read_at(at, &mut buffer[..want])
                .map_err(|error| BundleError::from_io(format!("reading `{}`", self.path), error))?;
            if read == 0 {
                return Err(self.broken_size(at));
            }
            out.write_all(&buffer[..read])
                .map_err(|error| BundleError::from_io(format!("writing `{}`", self.path), error))?;
            at += read as u64;
        }
        if range.end == self.size {
            // One byte more would be a broken promise too.
            let more = source
                .read_at(at, &mut buffer[..1])
                .map_err(|error| BundleError::from_io(format!("reading `{}`", self.path), error))?;
            if more != 0 {
                return Err(self.broken_size(at + 1));
            }
        }
        Ok(())
    }
}

/// Passes on the bytes of a range only, and stops the producer behind it.
struct Window<'a> {
    out: &'a mut dyn Write,
    range: Range<u64>,
    at: u64,
}

impl Write for Window<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.at >= self.range.end && !bytes.is_empty() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        let end = self.at + bytes.len() as u64;
        let from = self.range.start.clamp(self.at, end) - self.at;
        let to = self.range.end.clamp(self.at, end) - self.at;
        if let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to))
            && from < to
        {
            self.out.write_all(&bytes[from..to])?;
        }
        self.at = end;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Size and digests of some content.
pub(crate) struct Measured {
    pub(crate) size: u64,
    pub(crate) crc32: u32,
    pub(crate) sha512: Digest,
}

/// A writer that only measures.
pub(crate) struct Meter {
    size: u64,
    crc: crc32fast::Hasher,
    sha: Sha512Hasher,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self { size: 0, crc: crc32fast::Hasher::new(), sha: Sha512Hasher::new() }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.crc.update(bytes);
        self.sha.update(bytes);
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn finish(self) -> Measured {
        Measured { size: self.size, crc32: self.crc.finalize(), sha512: self.sha.finish() }
    }
}

impl Write for Meter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
