//! Reading a sealed stream at any offset.

use std::io;

use super::layout::{CHUNK, HEADER, SALT, SEALED_CHUNK, chunk_start, plain_len};
use super::{ReadAt, Reader, WHAT, derive};
use crate::aead::{MessageKey, TAG};
use crate::{CryptoError, Key};

/// A sealed stream opened for reading. Every byte it gives was authenticated, but a range says
/// nothing about the end: see [`OpenReader::authenticate_end`].
pub struct OpenReader<R: ReadAt> {
    source: R,
    message: MessageKey,
    len: u64,
}

impl<R: ReadAt> OpenReader<R> {
    /// Opens the stream that takes the first `sealed_len` bytes of `source`, sealed under the same
    /// `key` and `context`. Reads the header only.
    ///
    /// # Errors
    /// [`CryptoError::Truncated`] where no complete stream has that length,
    /// [`CryptoError::WrongKey`] where key or context is another one or the header was altered,
    /// [`CryptoError::Io`], [`CryptoError::Memory`].
    pub fn new(source: R, key: &Key, context: &[u8], sealed_len: u64) -> Result<Self, CryptoError> {
        let truncated = || CryptoError::Truncated { what: WHAT, length: sealed_len };
        let len = plain_len(sealed_len).ok_or_else(truncated)?;
        let mut header = [0; HEADER];
        source.read_exact_at(0, &mut header).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => truncated(),
            _ => CryptoError::from_io("reading a blob", error),
        })?;
        let message = derive(key, &header[..SALT], context)?;
        if !message.is_committed_to(&header[SALT..]) {
            return Err(CryptoError::WrongKey { what: WHAT });
        }
        Ok(Self { source, message, len })
    }

    /// Plaintext bytes, as the sealed length tells. Trust it after [`Self::authenticate_end`].
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no plaintext.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Reads plaintext from `offset` on: fills `buf`, or what there is before the end. Whole chunks
    /// are decrypted where the caller wants them; a part of a chunk costs the whole one.
    ///
    /// # Errors
    /// [`CryptoError::Damaged`] with the place, [`CryptoError::Truncated`], [`CryptoError::Io`].
    /// What `buf` holds must then not be used.
    pub fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<usize, CryptoError> {
        let there = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buf.len().min(there);
        let mut done = 0;
        while done < wanted {
            let at = offset + done as u64;
            let number = at / CHUNK as u64;
            // Below CHUNK, so the conversion is exact.
            let skip = (at % CHUNK as u64) as usize;
            let length = self.chunk_len(number);
            let count = (length - skip).min(wanted - done);
            let target = &mut buf[done..done + count];
            if count == length {
                self.open_chunk(number, target)?;
            } else {
                self.open_part(number, length, skip, target)?;
            }
            done += count;
        }
        Ok(wanted)
    }

    /// Authenticates the last chunk and with it the length: nothing was cut off.
    ///
    /// # Errors
    /// As [`Self::read_at`].
    pub fn authenticate_end(&self) -> Result<(), CryptoError> {
        let last = self.chunks() - 1;
        self.open_part(last, self.chunk_len(last), 0, &mut [])
    }

    /// A reader from the start on that borrows this one.
    #[must_use]
    pub fn reader(&self) -> Reader<'_, R> {
        Reader::borrowed(self)
    }

    /// A reader from the start on that owns this one.
    #[must_use]
    pub fn into_reader<'a>(self) -> Reader<'a, R>
    where
        R: 'a,
    {
        Reader::owned(self)
    }

    /// How many chunks there are, the last, short one included.
    pub(super) fn chunks(&self) -> u64 {
        self.len / CHUNK as u64 + 1
    }

    /// Plaintext bytes of chunk `number`.
    pub(super) fn chunk_len(&self, number: u64) -> usize {
        let rest = self.len.saturating_sub(number * CHUNK as u64);
        usize::try_from(rest).map_or(CHUNK, |rest| rest.min(CHUNK))
    }

    /// Decrypts the whole of chunk `number` into `target`, which has its length.
    fn open_chunk(&self, number: u64, target: &mut [u8]) -> Result<(), CryptoError> {
        let mut tag = [0; TAG];
        self.source
            .read_two_at(chunk_start(number), target, &mut tag)
            .map_err(|error| self.read_error(error))?;
        self.authenticate(number, target, tag)
    }

    /// Decrypts chunk `number` aside and copies what `target` holds from `skip` on.
    #[inline(never)] // keeps the large array off the path of whole chunks
    fn open_part(
        &self,
        number: u64,
        length: usize,
        skip: usize,
        target: &mut [u8],
    ) -> Result<(), CryptoError> {
        let mut whole = [0; CHUNK];
        self.open_chunk(number, &mut whole[..length])?;
        target.copy_from_slice(&whole[skip..skip + target.len()]);
        Ok(())
    }

    /// Decrypts the chunks from `first` on, as many as `sealed` has, each in its own place: chunk
    /// `i` then begins at `i × SEALED_CHUNK`. The last may be the stream's last.
    pub(super) fn open_run(&self, first: u64, sealed: &mut [u8]) -> Result<(), CryptoError> {
        self.source
            .read_exact_at(chunk_start(first), sealed)
            .map_err(|error| self.read_error(error))?;
        for (number, chunk) in (first..).zip(sealed.chunks_mut(SEALED_CHUNK)) {
            let Some((body, tag)) = chunk.split_last_chunk_mut::<TAG>() else {
                return Err(self.cut_short());
            };
            self.authenticate(number, body, *tag)?;
        }
        Ok(())
    }

    fn authenticate(
        &self,
        number: u64,
        bytes: &mut [u8],
        tag: [u8; TAG],
    ) -> Result<(), CryptoError> {
        if self.message.open(number, &[], bytes, tag) {
            return Ok(());
        }
        Err(CryptoError::Damaged { what: WHAT, position: Some(chunk_start(number)) })
    }

    fn read_error(&self, error: io::Error) -> CryptoError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.cut_short(),
            _ => CryptoError::from_io("reading a blob", error),
        }
    }

    fn cut_short(&self) -> CryptoError {
        CryptoError::Truncated { what: WHAT, length: super::sealed_len(self.len) }
    }
}
