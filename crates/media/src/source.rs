//! Random access to a file's bytes, wherever they are: memory, a descriptor, or a peer that sends
//! ranges on request.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use crate::error::MediaError;

/// Bytes of known size that can be read at any offset.
pub trait ReadAt {
    /// Size in bytes. Does not change.
    fn size(&self) -> u64;

    /// Fills `buffer` from `offset`, or fails (`UnexpectedEof` past the end).
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// All bytes, where they lie in memory already.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }
}

impl<S: ReadAt + ?Sized> ReadAt for &S {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        (**self).read_exact_at(offset, buffer)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        (**self).as_slice()
    }
}

impl ReadAt for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).ok();
        let found = start.and_then(|start| self.get(start..start.checked_add(buffer.len())?));
        match found {
            Some(bytes) => {
                buffer.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self[..].read_exact_at(offset, buffer)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl<S: ReadAt + ?Sized> ReadAt for Box<S> {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        (**self).read_exact_at(offset, buffer)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        (**self).as_slice()
    }
}

/// A descriptor as a source. Reads by position, so it may share the descriptor with others.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    size: u64,
}

impl FileSource {
    /// Takes the file's present size as the source's size.
    pub fn new(file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file, size })
    }
}

impl ReadAt for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }
}

/// Reads everything, refusing more than `limit` bytes before allocating.
pub(crate) fn read_all(source: &dyn ReadAt, limit: u64) -> Result<Cow<'_, [u8]>, MediaError> {
    let bytes = source.size();
    let size = match usize::try_from(bytes) {
        Ok(size) if bytes <= limit => size,
        _ => return Err(MediaError::FileTooLarge { bytes, limit }),
    };
    if let Some(slice) = source.as_slice() {
        return Ok(Cow::Borrowed(slice));
    }
    let mut buffer = vec![0; size];
    source.read_exact_at(0, &mut buffer).map_err(|e| MediaError::read(&e))?;
    Ok(Cow::Owned(buffer))
}

/// Reads up to `wanted` bytes from the start: enough to recognise a format.
pub(crate) fn read_start(source: &dyn ReadAt, wanted: usize) -> Result<Vec<u8>, MediaError> {
    let size = usize::try_from(source.size()).unwrap_or(usize::MAX).min(wanted);
    let mut buffer = vec![0; size];
    source.read_exact_at(0, &mut buffer).map_err(|e| MediaError::read(&e))?;
    Ok(buffer)
}

const BLOCK: u64 = 64 * 1024;
const BLOCKS: usize = 256;

/// A source that remembers the blocks (64 KiB, up to 16 MiB) it has read, for sources where each
/// read is a message.
pub(crate) struct Cached<S> {
    inner: S,
    blocks: RefCell<Blocks>,
}

#[derive(Default)]
struct Blocks {
    by_index: BTreeMap<u64, (u64, Vec<u8>)>,
    clock: u64,
}

impl<S: ReadAt> Cached<S> {
    pub(crate) fn new(inner: S) -> Self {
        Self { inner, blocks: RefCell::default() }
    }

    fn with_block<T>(&self, index: u64, use_it: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        let mut blocks = self.blocks.borrow_mut();
        blocks.clock += 1;
        let now = blocks.clock;
        if let Some((used, bytes)) = blocks.by_index.get_mut(&index) {
            *used = now;
            return Ok(use_it(bytes));
        }
        let start = index * BLOCK;
        let length = self.inner.size().saturating_sub(start).min(BLOCK) as usize;
        let mut bytes = vec![0; length];
        self.inner.read_exact_at(start, &mut bytes)?;
        let result = use_it(&bytes);
        if blocks.by_index.len() >= BLOCKS {
            let oldest = blocks.by_index.iter().min_by_key(|(_, (used, _))| *used).map(|(i, _)| *i);
            if let Some(oldest) = oldest {
                blocks.by_index.remove(&oldest);
            }
        }
        blocks.by_index.insert(index, (now, bytes));
        Ok(result)
    }
}

impl<S: ReadAt> ReadAt for Cached<S> {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.size()) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut done = 0;
        while done < buffer.len() {
            let at = offset + done as u64;
            let within = (at % BLOCK) as usize;
            done += self.with_block(at / BLOCK, |bytes| {
                let part = (bytes.len() - within).min(buffer.len() - done);
                buffer[done..done + part].copy_from_slice(&bytes[within..within + part]);
                part
            })?;
        }
        Ok(())
    }
}

/// A source whose beginning is at hand already.
pub(crate) struct Started<S> {
    start: Vec<u8>,
    rest: S,
}

impl<S: ReadAt> Started<S> {
    /// `start` are the first bytes of `rest`.
    pub(crate) fn new(mut start: Vec<u8>, rest: S) -> Self {
        start.truncate(usize::try_from(rest.size()).unwrap_or(usize::MAX));
        Self { start, rest }
    }
}

impl<S: ReadAt> ReadAt for Started<S> {
    fn size(&self) -> u64 {
        self.rest.size()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.start
            .read_exact_at(offset, buffer)
            .or_else(|_| self.rest.read_exact_at(offset, buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_reads_equal_plain_reads_and_stop_at_the_end() {
        let bytes: Vec<u8> = (0..300_000u32).map(|i| ((i * 7) >> 3) as u8).collect();
        let cached = Cached::new(bytes.clone());
        for (offset, length) in [(0, 10), (65_530, 20), (131_000, 70_000), (299_990, 10)] {
            let mut got = vec![0; length];
            cached.read_exact_at(offset as u64, &mut got).unwrap();
            assert_eq!(got, bytes[offset..offset + length]);
        }
        assert!(cached.read_exact_at(299_991, &mut [0; 10]).is_err());
        assert!(cached.read_exact_at(u64::MAX, &mut [0; 10]).is_err());
    }

    /// Counts what is asked for.
    struct Counted(Vec<u8>, std::cell::Cell<u32>);

    impl ReadAt for Counted {
        fn size(&self) -> u64 {
            self.0.size()
        }
        fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
            self.1.set(self.1.get() + 1);
            self.0.read_exact_at(offset, buffer)
        }
    }

    #[test]
    fn a_beginning_at_hand_is_not_asked_for() {
        let bytes: Vec<u8> = (0..=255).collect();
        let started = Started::new(bytes[..100].to_vec(), Counted(bytes.clone(), 0.into()));
        let mut got = [0; 50];
        for (offset, asked) in [(0, 0), (50, 0), (51, 1), (206, 2)] {
            started.read_exact_at(offset, &mut got).unwrap();
            assert_eq!(got, bytes[offset as usize..offset as usize + 50]);
            assert_eq!(started.rest.1.get(), asked, "at {offset}");
        }
        assert!(started.read_exact_at(207, &mut got).is_err());
        // Never more than there is.
        let longer = Started::new(vec![7; 100], b"abc".to_vec());
        assert!(longer.read_exact_at(3, &mut [0]).is_err());
    }
}
