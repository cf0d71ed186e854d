//! The one door out: the only module that writes anything outside the vault.
//!
//! A file is written under a temporary name in its target folder, flushed to the medium, and takes
//! its name only when it is whole; what fails or is cancelled leaves nothing behind. Nothing is
//! ever overwritten. Only [`crate::journeys::export`] and the command line's own documents
//! (completions, man pages, generated manual text) come through here.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::AppError;

/// A file on its way out. Dropping it unfinished removes it.
#[derive(Debug)]
pub struct Outgoing {
    target: PathBuf,
    temporary: PathBuf,
    writer: Option<BufWriter<File>>,
}

/// Starts a file that must not exist yet.
///
/// # Errors
/// [`AppError::Exists`] where it is already there; [`AppError::Io`] where its folder can't be
/// written.
pub fn start(target: &Path) -> Result<Outgoing, AppError> {
    if target.symlink_metadata().is_ok() {
        return Err(AppError::Exists { path: target.to_owned() });
    }
    let name = target.file_name().ok_or(AppError::Invalid {
        what: "the output's name",
        why: format!("{} names no file", target.display()),
    })?;
    let mut partial = std::ffi::OsString::from(".");
    partial.push(name);
    partial.push(".partial");
    let temporary = target.with_file_name(partial);
    let file = take(&temporary).map_err(AppError::io("creating", &temporary))?;
    Ok(Outgoing {
        target: target.to_owned(),
        temporary,
        writer: Some(BufWriter::with_capacity(1 << 20, file)),
    })
}

/// The partial file. One that a killed program left is taken over; one that another program is
/// writing is held by a lock, which a kill releases.
fn take(path: &Path) -> io::Result<File> {
    use rustix::fs::{FlockOperation, OFlags, flock};
    use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
    // A link that was put there is not followed.
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .custom_flags(flags)
        .open(path)?;
    let locked = flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
    // The other program may have finished between opening and locking: this is then its output.
    let (here, there) = (file.metadata()?, path.symlink_metadata());
    let own = there.is_ok_and(|there| (there.dev(), there.ino()) == (here.dev(), here.ino()));
    if !locked || !own || here.nlink() > 1 {
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another program is writing it"));
    }
    file.set_len(0)?;
    Ok(file)
}

impl Outgoing {
    /// Flushes everything to the medium and gives the file its name.
    ///
    /// # Errors
    /// [`AppError::Io`] where the medium is full or fails; the partial file is then removed.
    pub fn finish(mut self) -> Result<PathBuf, AppError> {
        let writer = self.writer.take();
        let settle = || -> io::Result<()> {
            let Some(writer) = writer else { return Ok(()) };
            let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            // A hard link refuses an existing name, where a rename would replace it.
            match fs::hard_link(&self.temporary, &self.target) {
                Ok(()) => fs::remove_file(&self.temporary)?,
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(e),
                // FAT has no hard links.
                Err(_) => fs::rename(&self.temporary, &self.target)?,
            }
            let folder = self.target.parent().filter(|p| !p.as_os_str().is_empty());
            let synced =
                File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
            synced.inspect_err(|_| withdraw(&self.target))
        };
        settle().map_err(AppError::io("writing", &self.target))?;
        Ok(self.target.clone())
    }
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Some(writer) => writer.write(bytes),
            None => Err(io::Error::other("the file is already finished")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        if self.temporary.symlink_metadata().is_ok() {
            // Nothing more can be done about a medium that went away; the partial name says what it is.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Takes back a file that was finished here, because what had to follow it failed.
pub fn withdraw(path: &Path) {
    // Nothing more can be done about a medium that went away; the error that led here is told.
    let _ = fs::remove_file(path);
}

/// Makes a folder for output, with its parents.
///
/// # Errors
/// [`AppError::Io`].
pub fn make_folder(path: &Path) -> Result<(), AppError> {
    fs::create_dir_all(path).map_err(AppError::io("creating", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all_and_never_replaces_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.bin");
        let mut dropped = start(&path).unwrap();
        dropped.write_all(b"half").unwrap();
        drop(dropped);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        let mut kept = start(&path).unwrap();
        kept.write_all(b"whole").unwrap();
        assert!(!path.exists());
        kept.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(matches!(start(&path), Err(AppError::Exists { .. })));
    }

    #[test]
    fn what_a_killed_program_left_is_taken_over_and_what_is_in_use_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.bin");
        fs::write(folder.path().join(".out.bin.partial"), b"left by a killed program").unwrap();
        let mut kept = start(&path).unwrap();
        assert!(matches!(start(&path), Err(AppError::Io { .. })), "two write one file");
        kept.write_all(b"whole").unwrap();
        kept.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        let other = folder.path().join("other.bin");
        std::os::unix::fs::symlink(&path, folder.path().join(".other.bin.partial")).unwrap();
        assert!(start(&other).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"whole");
    }
}
