//! Reading a sealed stream from front to back, with seeks: what decoders expect.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use super::layout::{CHUNK, SEALED_CHUNK};
use super::{OpenReader, ReadAt};
use crate::aead::TAG;
use crate::secret;

/// The most chunks that are read and decrypted ahead.
const MOST_AHEAD: usize = 8;

enum Held<'a, R: ReadAt> {
    Borrowed(&'a OpenReader<R>),
    Owned(Box<OpenReader<R>>),
}

/// A sequential reader. Through [`BufRead`] it hands out decrypted bytes without a copy. Reaching
/// the end authenticates the end; an error of this crate travels inside the [`io::Error`] (see
/// [`crate::CryptoError::from_io`]).
pub struct Reader<'a, R: ReadAt> {
    held: Held<'a, R>,
    /// Decrypted chunks, each in the place of its sealed form.
    window: Vec<u8>,
    /// The number of the first chunk in `window`, and how many there are.
    first: u64,
    count: u64,
    /// Chunks to read next time: grows while reading goes straight on.
    ahead: usize,
    position: u64,
    end_is_authentic: bool,
}

impl<'a, R: ReadAt> Reader<'a, R> {
    pub(super) fn borrowed(open: &'a OpenReader<R>) -> Self {
        Self::new(Held::Borrowed(open))
    }

    pub(super) fn owned(open: OpenReader<R>) -> Self {
        Self::new(Held::Owned(Box::new(open)))
    }

    fn new(held: Held<'a, R>) -> Self {
        Self {
            held,
            window: Vec::new(),
            first: 0,
            count: 0,
            ahead: 1,
            position: 0,
            end_is_authentic: false,
        }
    }

    /// The opened stream.
    #[must_use]
    pub fn open(&self) -> &OpenReader<R> {
        match &self.held {
            Held::Borrowed(open) => open,
            Held::Owned(open) => open,
        }
    }

    /// Makes the chunk of the present position part of the window.
    fn load(&mut self) -> io::Result<()> {
        let number = self.position / CHUNK as u64;
        if (self.first..self.first + self.count).contains(&number) {
            return Ok(());
        }
        let goes_on = self.count > 0 && number == self.first + self.count;
        self.ahead = if goes_on { (self.ahead * 2).min(MOST_AHEAD) } else { 1 };
        let chunks = self.open().chunks();
        let count = (chunks - number).min(self.ahead as u64);
        let last = self.open().chunk_len(number + count - 1);
        let bytes = usize::try_from(count - 1).unwrap_or(0) * SEALED_CHUNK + last + TAG;
        // An error leaves nothing that could be read by mistake.
        self.count = 0;
        let mut window = std::mem::take(&mut self.window);
        window.resize(bytes, 0);
        let opened = self.open().open_run(number, &mut window);
        self.window = window;
        opened?;
        self.first = number;
        self.count = count;
        self.end_is_authentic |= number + count == chunks;
        Ok(())
    }
}

impl<R: ReadAt> BufRead for Reader<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position >= self.open().len() {
            if !self.end_is_authentic {
                self.open().authenticate_end()?;
                self.end_is_authentic = true;
            }
            return Ok(&[]);
        }
        self.load()?;
        let number = self.position / CHUNK as u64;
        let start = usize::try_from(number - self.first).unwrap_or(0) * SEALED_CHUNK;
        let skip = usize::try_from(self.position % CHUNK as u64).unwrap_or(0);
        Ok(&self.window[start + skip..start + self.open().chunk_len(number)])
    }

    fn consume(&mut self, amount: usize) {
        self.position = self.position.saturating_add(amount as u64);
    }
}

impl<R: ReadAt> Read for Reader<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(buf.len());
        buf[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: ReadAt> Seek for Reader<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => {
                // The specification: an offset from the end needs an authentic end.
                if !self.end_is_authentic {
                    self.open().authenticate_end()?;
                    self.end_is_authentic = true;
                }
                self.open().len().checked_add_signed(by)
            }
        };
        self.position = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl<R: ReadAt> Drop for Reader<'_, R> {
    fn drop(&mut self) {
        secret::wipe(&mut self.window);
    }
}
