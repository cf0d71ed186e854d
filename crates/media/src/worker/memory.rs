//! Sealed memory: an anonymous file that can't change or shrink any more, so that it can be handed
//! to a process that is not trusted, and taken from one.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt as _;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};

use crate::error::MediaError;

const SEALS: SealFlags = SealFlags::SHRINK.union(SealFlags::GROW).union(SealFlags::WRITE);

/// An anonymous, sealed file in memory.
#[derive(Debug)]
pub struct SealedMemory {
    file: File,
    size: u64,
}

/// Copies all of `reader` into sealed memory, refusing more than `limit` bytes. The plaintext of
/// an item goes to the decoder this way.
pub fn memfd_from(reader: &mut dyn Read, limit: u64) -> Result<SealedMemory, MediaError> {
    let mut file = create()?;
    let mut buffer = vec![0; 256 * 1024];
    let mut size = 0u64;
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(MediaError::read(&error)),
        };
        size += count as u64;
        if size > limit {
            return Err(MediaError::FileTooLarge { bytes: size, limit });
        }
        file.write_all(&buffer[..count]).map_err(|error| no_memory(&error))?;
    }
    seal(file, size)
}

impl SealedMemory {
    /// Copies a slice into sealed memory.
    pub fn of(bytes: &[u8]) -> Result<Self, MediaError> {
        let mut file = create()?;
        file.write_all(bytes).map_err(|error| no_memory(&error))?;
        seal(file, bytes.len() as u64)
    }

    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes memory from a process that is not trusted: it must be sealed and of the size that was
    /// announced.
    pub(super) fn received(descriptor: OwnedFd, size: u64) -> Result<Self, MediaError> {
        let refuse = |detail: &str| MediaError::WorkerMisbehaved { detail: detail.into() };
        let seals =
            fcntl_get_seals(&descriptor).map_err(|_| refuse("its answer is not sealed memory"))?;
        if !seals.contains(SEALS) {
            return Err(refuse("its answer is not sealed"));
        }
        let file = File::from(descriptor);
        let found = file.metadata().map_err(|error| MediaError::read(&error))?.len();
        if found != size {
            return Err(refuse("its answer has another size than announced"));
        }
        Ok(Self { file, size })
    }

    /// All bytes; `limit` is checked before they are allocated.
    pub(super) fn read(&self, limit: u64) -> Result<Vec<u8>, MediaError> {
        if self.size > limit {
            return Err(MediaError::WorkerMisbehaved { detail: "its answer is too large".into() });
        }
        let mut bytes = vec![0; self.size as usize];
        self.file.read_exact_at(&mut bytes, 0).map_err(|error| MediaError::read(&error))?;
        Ok(bytes)
    }

    pub(super) fn into_file(self) -> File {
        self.file
    }
}

impl AsFd for SealedMemory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

fn create() -> Result<File, MediaError> {
    // The name is seen in /proc only and says nothing about the content.
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let descriptor = memfd_create("vaultmark", flags).map_err(|error| no_memory(&error.into()))?;
    Ok(File::from(descriptor))
}

fn seal(file: File, size: u64) -> Result<SealedMemory, MediaError> {
    fcntl_add_seals(&file, SEALS | SealFlags::SEAL).map_err(|error| no_memory(&error.into()))?;
    Ok(SealedMemory { file, size })
}

fn no_memory(error: &io::Error) -> MediaError {
    MediaError::NoMemory { detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_memory_can_not_change() {
        let memory = memfd_from(&mut &b"plaintext"[..], 100).unwrap();
        assert_eq!(memory.size(), 9);
        assert_eq!(memory.read(100).unwrap(), b"plaintext");
        assert_eq!(memory.read(8).unwrap_err().kind(), "media-worker-misbehaved");
        let file = memory.into_file();
        assert!(
            file.write_at(b"x", 0).is_err()
                && file.set_len(1).is_err()
                && file.set_len(100).is_err()
        );
        assert!(SealedMemory::received(file.into(), 9).is_ok());
    }

    #[test]
    fn what_is_not_sealed_or_not_as_announced_is_refused() {
        let open = create().unwrap();
        assert!(SealedMemory::received(open.into(), 0).is_err());
        let file = SealedMemory::of(b"abc").unwrap().into_file();
        assert!(SealedMemory::received(file.into(), 4).is_err());
        assert_eq!(memfd_from(&mut &b"abc"[..], 2).unwrap_err().kind(), "media-file-too-large");
    }
}
