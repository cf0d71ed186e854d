//! Walking a log from front to back, past what is damaged.

use std::fs::File;
use std::io;

use super::entry::{Framed, LENGTH, MOST_ENTRY, TAG, read_frame};
use super::place;

/// The largest frame.
const MOST_FRAME: usize = LENGTH + MOST_ENTRY + TAG;
/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// What lies at a position.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// A whole, well-formed frame that begins at this offset.
    Frame(u64, Framed<'a>),
    /// Bytes from this offset on that are no frame, and how many there are.
    Garbage(u64, u64),
}

/// A walk over the part of a log below `end`.
pub(crate) struct Walk<'a> {
    file: &'a File,
    /// Where `buffer[start]` lies in the file.
    offset: u64,
    end: u64,
    buffer: Vec<u8>,
    start: usize,
}

impl<'a> Walk<'a> {
    /// A walk from `offset` to `end`.
    pub fn new(file: &'a File, offset: u64, end: u64) -> Self {
        Self { file, offset, end, buffer: Vec::new(), start: 0 }
    }

    /// The next step; none at the end.
    pub fn step(&mut self) -> io::Result<Option<Step<'_>>> {
        self.fill()?;
        if self.start == self.buffer.len() {
            return Ok(None);
        }
        let begin = self.offset;
        if read_frame(&self.buffer[self.start..]).is_none() {
            // Nothing whole begins here: look for the next place where something does.
            while self.start < self.buffer.len() && read_frame(&self.buffer[self.start..]).is_none()
            {
                self.start += 1;
                self.offset += 1;
                if self.buffer.len() - self.start < MOST_FRAME {
                    self.fill()?;
                }
            }
            return Ok(Some(Step::Garbage(begin, self.offset - begin)));
        }
        let start = self.start;
        Ok(read_frame(&self.buffer[start..]).map(|framed| {
            self.start += framed.len();
            self.offset += framed.len() as u64;
            Step::Frame(begin, framed)
        }))
    }

    /// Makes sure that a whole frame fits into what is buffered, or that the end is.
    fn fill(&mut self) -> io::Result<()> {
        let have = self.buffer.len() - self.start;
        let left = self.end.saturating_sub(self.offset + have as u64);
        if have >= MOST_FRAME || left == 0 {
            return Ok(());
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let want = usize::try_from(left).unwrap_or(usize::MAX).min(MOST_FRAME + PIECE - have);
        self.buffer.resize(have + want, 0);
        let read =
            place::read_up_to(self.file, &mut self.buffer[have..], self.offset + have as u64)?;
        self.buffer.truncate(have + read);
        if read < want {
            self.end = self.offset + (have + read) as u64;
        }
        Ok(())
    }
}
