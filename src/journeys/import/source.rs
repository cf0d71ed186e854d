//! One file on its way in: opened without following links, read once into sealed memory while it
//! is hashed.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use vaultmark_crypto::Sha512Hasher;
use vaultmark_media::worker::memfd_from;
use vaultmark_media::{Limits, MediaError, SealedMemory};
use vaultmark_model::Digest;

/// A regular file, opened without following a link that took its place and without waiting for a
/// pipe that did.
pub(super) fn open(path: &Path) -> Result<File, String> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let unreadable = |error: io::Error| {
        format!("it can't be read: {error}. Check that it is still there and that you may read it.")
    };
    let file =
        File::from(rustix::fs::open(path, flags, Mode::empty()).map_err(|e| unreadable(e.into()))?);
    if file.metadata().map_err(unreadable)?.is_file() {
        Ok(file)
    } else {
        Err("it is no regular file.".into())
    }
}

/// A file's bytes in sealed memory, with their digests.
pub(super) struct Content {
    pub memory: SealedMemory,
    pub sha512: Digest,
    pub crc32: u32,
}

/// Reads and hashes in one pass.
pub(super) fn read(file: File, limits: &Limits) -> Result<Content, MediaError> {
    let mut hashing =
        Hashing { file, sha512: Sha512Hasher::new(), crc32: crc32fast::Hasher::new() };
    let memory = memfd_from(&mut hashing, limits.max_file_bytes)?;
    Ok(Content { memory, sha512: hashing.sha512.finish(), crc32: hashing.crc32.finalize() })
}

/// SHA-512 of a file.
pub(super) fn digest(mut file: File) -> io::Result<Digest> {
    let mut sha512 = Sha512Hasher::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(sha512.finish()),
            count => sha512.update(&buffer[..count]),
        }
    }
}

struct Hashing {
    file: File,
    sha512: Sha512Hasher,
    crc32: crc32fast::Hasher,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.sha512.update(&buffer[..count]);
        self.crc32.update(&buffer[..count]);
        Ok(count)
    }
}

/// Sealed memory read from its beginning.
pub(super) struct MemoryReader {
    file: File,
    at: u64,
}

impl MemoryReader {
    pub(super) fn new(memory: &SealedMemory) -> io::Result<Self> {
        Ok(Self { file: File::from(memory.as_fd().try_clone_to_owned()?), at: 0 })
    }
}

impl Read for MemoryReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The descriptor's own offset is shared with its clones, so it is not used.
        let count = self.file.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}
