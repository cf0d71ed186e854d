//! Writing a sealed stream.

use std::io::{self, Write};
use std::ops::{Deref, DerefMut};

use super::layout::{CHUNK, HEADER, MAX_PLAIN_LEN, SALT, SEALED_CHUNK};
use super::{WHAT, derive};
use crate::aead::{MessageKey, TAG};
use crate::{CryptoError, Entropy, Key, secret};

/// Chunks that are written at once: fewer system calls, still small enough for the cache.
const BATCH: usize = 8;

/// Encrypts what is written to it into `W`. Dropped without [`SealWriter::finish`] it leaves a
/// stream that no reader takes for complete.
pub struct SealWriter<W: Write> {
    inner: W,
    message: MessageKey,
    /// Sealed chunks that wait, then the plaintext of the one being filled.
    buffer: Buffer,
    /// Sealed chunks that wait in `buffer`.
    waiting: usize,
    /// Plaintext bytes of the chunk being filled.
    filled: usize,
    /// The number of the chunk being filled.
    chunk: u64,
    /// Writing failed half-way: what lies in `inner` is unknown.
    broken: bool,
}

impl<W: Write> SealWriter<W> {
    /// Starts a stream under `key`, bound to `context`; writes the header.
    ///
    /// # Errors
    /// [`CryptoError::Randomness`], [`CryptoError::Memory`], [`CryptoError::Io`].
    pub fn new(
        mut inner: W,
        key: &Key,
        context: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Self, CryptoError> {
        let mut header = [0; HEADER];
        entropy.fill(&mut header[..SALT])?;
        let message = derive(key, &header[..SALT], context)?;
        header[SALT..].copy_from_slice(message.commitment());
        inner.write_all(&header).map_err(|e| CryptoError::from_io("writing a blob", e))?;
        Ok(Self {
            inner,
            message,
            buffer: Buffer(vec![0; BATCH * SEALED_CHUNK].into_boxed_slice()),
            waiting: 0,
            filled: 0,
            chunk: 0,
            broken: false,
        })
    }

    /// Seals the last chunk, flushes, and gives the inner writer back.
    ///
    /// # Errors
    /// [`CryptoError::Io`]; the stream is then incomplete.
    pub fn finish(mut self) -> Result<W, CryptoError> {
        self.end().map_err(|e| CryptoError::from_io("writing a blob", e))?;
        Ok(self.inner)
    }

    fn end(&mut self) -> io::Result<()> {
        self.check_broken()?;
        self.seal_chunk()?;
        self.write_out()?;
        self.inner.flush()
    }

    fn check_broken(&self) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier write of this blob failed"));
        }
        Ok(())
    }

    /// Seals the bytes filled so far as the next chunk.
    fn seal_chunk(&mut self) -> io::Result<()> {
        let start = self.waiting_bytes();
        let end = start + self.filled;
        let tag = self.message.seal(self.chunk, &[], &mut self.buffer[start..end])?;
        self.buffer[end..end + TAG].copy_from_slice(&tag);
        self.chunk += 1;
        if self.filled == CHUNK {
            self.waiting += 1;
            self.filled = 0;
        } else {
            // The last chunk: `write_out` takes it along.
            self.filled += TAG;
        }
        Ok(())
    }

    fn waiting_bytes(&self) -> usize {
        self.waiting * SEALED_CHUNK
    }

    /// Writes the sealed chunks that wait, and the short last one where there is one.
    fn write_out(&mut self) -> io::Result<()> {
        let end = self.waiting_bytes() + self.filled;
        self.broken = true;
        self.inner.write_all(&self.buffer[..end])?;
        self.broken = false;
        self.waiting = 0;
        self.filled = 0;
        Ok(())
    }
}

impl<W: Write> Write for SealWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check_broken()?;
        let count = bytes.len().min(CHUNK - self.filled);
        let written = self.chunk * CHUNK as u64 + self.filled as u64;
        if written + count as u64 > MAX_PLAIN_LEN {
            return Err(CryptoError::TooLarge { what: WHAT, limit: MAX_PLAIN_LEN }.into());
        }
        let start = self.waiting_bytes() + self.filled;
        self.buffer[start..start + count].copy_from_slice(&bytes[..count]);
        self.filled += count;
        if self.filled == CHUNK {
            self.seal_chunk()?;
            if self.waiting == BATCH {
                self.write_out()?;
            }
        }
        Ok(count)
    }

    /// Hands complete chunks on. The bytes of an incomplete one stay here until it is full or the
    /// stream is finished.
    fn flush(&mut self) -> io::Result<()> {
        self.check_broken()?;
        let complete = self.waiting_bytes();
        self.broken = true;
        self.inner.write_all(&self.buffer[..complete])?;
        self.broken = false;
        self.buffer.copy_within(complete..complete + self.filled, 0);
        self.waiting = 0;
        self.inner.flush()
    }
}

/// A buffer that holds plaintext at times, overwritten on drop.
struct Buffer(Box<[u8]>);

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        secret::wipe(&mut self.0);
    }
}
