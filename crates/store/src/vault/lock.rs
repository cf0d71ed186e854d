//! One process owns a vault. The kernel holds the lock and lets go of it when the process ends,
//! however it ends; the file says nothing and stays.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::StoreError;

/// A program that was killed holds its files until the kernel has taken its last thread and its
/// memory apart, which takes a moment on a busy machine; somebody who starts it again right away
/// should not be told of a second program.
const TRIES: u32 = 80;
const PAUSE: Duration = Duration::from_millis(25);

/// The lock, held until dropped.
#[derive(Debug)]
pub(crate) struct VaultLock(
    #[cfg_attr(not(unix), allow(dead_code, reason = "holding the file is holding the lock"))] File,
);

/// Let go of explicitly: a program that is being started from another thread holds a copy of the
/// open file for the moment between fork and exec, and closing ours alone would leave it locked.
#[cfg(unix)]
impl Drop for VaultLock {
    fn drop(&mut self) {
        // Where this fails, closing the file does it.
        let _ = rustix::fs::flock(&self.0, rustix::fs::FlockOperation::Unlock);
    }
}

impl VaultLock {
    /// Takes the lock, or says that someone else has it and kept it for two seconds.
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        for _ in 1..TRIES {
            match Self::try_take(path) {
                Err(StoreError::AlreadyOpen) => sleep(PAUSE),
                taken => return taken,
            }
        }
        Self::try_take(path)
    }

    fn try_take(path: &Path) -> Result<Self, StoreError> {
        let folder = path.parent().unwrap_or(path);
        let mut options = OpenOptions::new();
        // Writing is what the vault will do next; who can't should hear it now.
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        // On Windows an open without sharing is itself the kernel's lock.
        #[cfg(windows)]
        std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0);
        let file = options.open(path).map_err(|source| match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                StoreError::ReadOnly { path: folder.to_path_buf() }
            }
            _ if is_sharing_violation(&source) => StoreError::AlreadyOpen,
            _ => StoreError::io("locking", path, source),
        })?;
        Self::hold(file, path)
    }

    /// `flock` belongs to the open file: a second opening in the same process conflicts too, and
    /// programs that are started from here do not inherit it, because the file is closed on exec.
    #[cfg(unix)]
    fn hold(file: File, path: &Path) -> Result<Self, StoreError> {
        use rustix::fs::{FlockOperation, flock};
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self(file)),
            Err(error) if error == rustix::io::Errno::WOULDBLOCK => Err(StoreError::AlreadyOpen),
            Err(error) => Err(StoreError::io("locking", path, error.into())),
        }
    }

    #[cfg(not(unix))]
    fn hold(file: File, _path: &Path) -> Result<Self, StoreError> {
        Ok(Self(file))
    }
}

/// Windows: ERROR_SHARING_VIOLATION.
fn is_sharing_violation(error: &io::Error) -> bool {
    cfg!(windows) && error.raw_os_error() == Some(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_taker_is_refused_until_the_first_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = VaultLock::take(&path).unwrap();
        assert!(matches!(VaultLock::take(&path), Err(StoreError::AlreadyOpen)));
        drop(first);
        VaultLock::take(&path).unwrap();
    }

    #[test]
    fn who_lets_go_in_a_moment_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = VaultLock::take(&path).unwrap();
        let holder = std::thread::spawn(move || {
            sleep(PAUSE * 4);
            drop(first);
        });
        VaultLock::take(&path).unwrap();
        holder.join().unwrap();
    }
}
