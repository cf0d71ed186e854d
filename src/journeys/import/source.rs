//! One file on its way in: opened without following links, hashed, and then either held in sealed
//! memory or, where it is large, read again from where it lies: what is sealed is what was hashed, or it is
//! refused. A medium that gives the decoder other bytes in between is not met.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use vaultmark_crypto::Sha512Hasher;
use vaultmark_media::worker::memfd_from;
use vaultmark_media::{FileSource, Limits, MediaError, MediaSource, ReadAt as _, SealedMemory};
use vaultmark_model::Digest;
use vaultmark_store::regular::{self, Links};

/// Files up to this size are held in memory, one for each thread of an import. A larger one would
/// take the memory of the computer: a stick can hold an image of 64 GiB.
const IN_MEMORY: u64 = 64 << 20;
/// What the threads of an import hold together, however many cores there are.
const TOGETHER: u64 = 256 << 20;

/// The size up to which each of so many threads may hold its file.
pub(super) fn held_by_each(threads: usize) -> u64 {
    IN_MEMORY.min(TOGETHER / threads.max(1) as u64)
}

/// A regular file, opened without following a link that took its place and without waiting for a
/// pipe that did.
pub(super) fn open(path: &Path) -> Result<File, String> {
    regular::open(path, Links::Refused).map_err(|error| {
        format!("it can't be read: {error}. Check that it is still there and that you may read it.")
    })
}

/// A file with its digests.
pub(super) struct Content {
    held: Held,
    pub size: u64,
    pub sha512: Digest,
    pub crc32: u32,
}

enum Held {
    Memory(SealedMemory),
    Where(File),
}

/// Reads and hashes in one pass, holding what is not larger than `held`.
pub(super) fn read(file: File, limits: &Limits, held: u64) -> Result<Content, MediaError> {
    let broken = |error: io::Error| MediaError::Read { detail: error.to_string() };
    let stated = file.metadata().map_err(broken)?.len();
    if stated > limits.max_file_bytes {
        return Err(MediaError::FileTooLarge { bytes: stated, limit: limits.max_file_bytes });
    }
    let reader = file.try_clone().map_err(broken)?;
    let mut hashing = Hashing::new(reader);
    let (held, size) = if stated > held {
        // No more than was stated: a file that grows is met when it is split or read to its end.
        let size = io::copy(&mut (&mut hashing).take(stated), &mut io::sink()).map_err(broken)?;
        (Held::Where(file), size)
    } else {
        let memory = memfd_from(&mut hashing, held).map_err(|error| match error {
            MediaError::FileTooLarge { .. } => {
                MediaError::Read { detail: "it grew while it was read".into() }
            }
            other => other,
        })?;
        let size = memory.size();
        (Held::Memory(memory), size)
    };
    let (sha512, crc32) = hashing.finish();
    Ok(Content { held, size, sha512, crc32 })
}

impl Content {
    /// The bytes for the decoder, and again to be sealed.
    pub(super) fn split(self) -> io::Result<(MediaSource, Plaintext)> {
        match self.held {
            Held::Memory(memory) => {
                let file = File::from(memory.as_fd().try_clone_to_owned()?);
                let plaintext = Plaintext { file, at: 0, size: self.size, same: None, why: None };
                Ok((MediaSource::Memory(memory), plaintext))
            }
            Held::Where(file) => {
                let source = FileSource::new(file.try_clone()?)?;
                if source.size() != self.size {
                    return Err(io::Error::other("it grew or shrank while it was read"));
                }
                let same = Some((Sha512Hasher::new(), self.sha512));
                let plaintext = Plaintext { file, at: 0, size: self.size, same, why: None };
                Ok((MediaSource::Ranges(Arc::new(source)), plaintext))
            }
        }
    }
}

/// SHA-512 of a file.
pub(super) fn digest(file: File) -> io::Result<Digest> {
    let mut hashing = Hashing::new(file);
    io::copy(&mut hashing, &mut io::sink())?;
    Ok(hashing.finish().0)
}

struct Hashing {
    file: File,
    sha512: Sha512Hasher,
    crc32: crc32fast::Hasher,
}

impl Hashing {
    fn new(file: File) -> Self {
        Self { file, sha512: Sha512Hasher::new(), crc32: crc32fast::Hasher::new() }
    }

    fn finish(self) -> (Digest, u32) {
        (self.sha512.finish(), self.crc32.finalize())
    }
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.sha512.update(&buffer[..count]);
        self.crc32.update(&buffer[..count]);
        Ok(count)
    }
}

/// What was hashed, from its beginning.
pub(super) struct Plaintext {
    file: File,
    at: u64,
    size: u64,
    /// Memory can't change. A file can: it is hashed again, and its end is an error where it is
    /// another one.
    same: Option<(Sha512Hasher, Digest)>,
    why: Option<String>,
}

impl Plaintext {
    /// Why the file could not be read to its end, if it is the file's own fault.
    pub(super) fn why_not(self) -> Option<String> {
        self.why
    }

    fn failed(&mut self, error: io::Error, why: String) -> io::Error {
        self.why = Some(why);
        error
    }
}

impl Read for Plaintext {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size - self.at).unwrap_or(usize::MAX);
        let want = buffer.len().min(left);
        // The descriptor's own offset is shared with its clones, so it is not used.
        let count = match self.file.read_at(&mut buffer[..want], self.at) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                let why = format!(
                    "its bytes could not be read ({error}). Check the medium and try again."
                );
                return Err(self.failed(error, why));
            }
        };
        self.at += count as u64;
        if let Some((sha512, _)) = &mut self.same {
            sha512.update(&buffer[..count]);
        }
        let ends = count == 0 && !buffer.is_empty();
        if ends
            && let Some((sha512, digest)) = self.same.take()
            && (sha512.finish() != digest || self.file.metadata()?.len() != self.size)
        {
            let error = io::Error::other("the file changed while it was read");
            return Err(self.failed(error, "it changed while it was read. Import it again.".into()));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom, Write as _};

    use super::*;

    fn file(size: u64) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.set_len(size).unwrap();
        file.write_all(b"begin").unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    #[test]
    fn small_files_are_held_and_large_ones_stay_where_they_are() {
        for (size, in_memory) in [(5, true), (IN_MEMORY, true), (IN_MEMORY + 1, false)] {
            let content = read(file(size), &Limits::default(), IN_MEMORY).unwrap();
            assert_eq!(content.size, size);
            let expected = digest(file(size)).unwrap();
            assert_eq!(content.sha512, expected);
            let (source, mut plaintext) = content.split().unwrap();
            assert_eq!(matches!(source, MediaSource::Memory(_)), in_memory);
            assert_eq!(source.size(), size);
            let mut all = Vec::new();
            plaintext.read_to_end(&mut all).unwrap();
            assert_eq!((all.len() as u64, &all[..5]), (size, &b"begin"[..]));
        }
        let few = Limits { max_file_bytes: 4, ..Limits::default() };
        assert!(read(file(5), &few, IN_MEMORY).is_err());
    }

    #[test]
    fn many_threads_hold_no_more_together_than_few() {
        assert_eq!(held_by_each(3), IN_MEMORY);
        assert!(held_by_each(65) * 65 <= TOGETHER && held_by_each(65) > 1 << 20);
    }

    #[test]
    fn a_large_file_that_grows_on_its_way_is_not_cut() {
        let file = file(IN_MEMORY + 9);
        let content = read(file.try_clone().unwrap(), &Limits::default(), IN_MEMORY).unwrap();
        let (_, mut plaintext) = content.split().unwrap();
        file.set_len(IN_MEMORY + 90).unwrap();
        assert!(io::copy(&mut plaintext, &mut io::sink()).is_err());
        assert!(plaintext.why_not().unwrap().contains("changed"));
    }

    #[test]
    fn a_large_file_that_changes_is_not_taken_for_what_was_hashed() {
        let changes: [&dyn Fn(&File); 3] = [
            &|file| file.write_all_at(b"other", IN_MEMORY / 2).unwrap(),
            &|file| file.set_len(IN_MEMORY).unwrap(),
            &|file| file.set_len(IN_MEMORY + 90).unwrap(),
        ];
        for change in changes {
            let file = file(IN_MEMORY + 9);
            let content = read(file.try_clone().unwrap(), &Limits::default(), IN_MEMORY).unwrap();
            change(&file);
            match content.split() {
                Err(error) => assert!(error.to_string().contains("grew or shrank")),
                Ok((_, mut plaintext)) => {
                    assert!(io::copy(&mut plaintext, &mut io::sink()).is_err());
                    assert!(plaintext.why_not().unwrap().contains("changed"));
                }
            }
        }
    }
}
