//! The one door out: the only module that writes anything outside the vault.
//!
//! A file on its way out passes through three types. [`Outgoing`] is being written, [`Whole`] is
//! complete on the medium and can be read back, [`Released`] has its name; until then nothing stands
//! under that name. What fails or is cancelled leaves nothing behind, nothing is ever overwritten,
//! nobody but the person who sends may read it, and nothing is written into the vault's own folder.
//! Only [`crate::journeys::export`] comes through here.

mod place;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::AppError;
use place::{Partial, Place};

/// A file on its way out. Dropping it unfinished removes it.
#[derive(Debug)]
pub struct Outgoing {
    partial: Partial,
    writer: BufWriter<File>,
}

/// Everything is on the medium; it has no name yet. Dropping it removes it.
#[derive(Debug)]
pub struct Whole {
    partial: Partial,
    file: File,
}

/// A file that stands under its name.
#[derive(Debug)]
pub struct Released {
    partial: Partial,
    file: File,
}

/// Starts a file that must not exist yet and lies outside the vault's folder.
///
/// # Errors
/// [`AppError::Exists`] where it is already there; [`AppError::Invalid`] where it names no file or
/// one in the vault; [`AppError::Io`] where its folder can't be written.
pub fn start(target: &Path, vault: &Path) -> Result<Outgoing, AppError> {
    let invalid = |why: String| AppError::Invalid { what: "the output's name", why };
    let creating = |error| AppError::io("creating", target)(error);
    let place = Place::of(target).map_err(creating)?;
    let place = place.ok_or_else(|| invalid(format!("{} names no file", target.display())))?;
    if place.lies_in(vault).map_err(creating)? {
        return Err(invalid(format!(
            "{} lies in the vault's own folder, where nothing readable may stand; choose a folder outside",
            target.display()
        )));
    }
    if place.is_taken() {
        return Err(AppError::Exists { path: target.to_owned() });
    }
    let (partial, file) = place.begin().map_err(creating)?;
    Ok(Outgoing { partial, writer: BufWriter::with_capacity(1 << 20, file) })
}

impl Outgoing {
    /// Waits until what was written so far is on the medium. Asked for from time to time beside other
    /// work, it leaves little to wait for in the end.
    ///
    /// # Errors
    /// Where the medium is full or fails; the file is then no good any more.
    pub fn settle(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        self.writer.get_ref().sync_data()
    }

    /// Brings everything to the medium.
    ///
    /// # Errors
    /// [`AppError::Io`] where the medium is full or fails; the partial file is then removed.
    pub fn complete(self) -> Result<Whole, AppError> {
        let Self { partial, writer } = self;
        let settle = || -> io::Result<File> {
            let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.sync_all()?;
            Ok(file)
        };
        let file = settle().map_err(AppError::io("writing", &partial.place.path))?;
        Ok(Whole { partial, file })
    }
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Whole {
    /// The same file, to read it back; by position, as the descriptor stands at its end.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn read_back(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// How long it is.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Gives the file its name, durably.
    ///
    /// # Errors
    /// [`AppError::Exists`] where something got the name meanwhile; [`AppError::Io`] where the
    /// medium fails. The file is then removed.
    pub fn release(self) -> Result<Released, AppError> {
        let Self { mut partial, file } = self;
        let path = partial.place.path.clone();
        match partial.name(&file) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(AppError::Exists { path });
            }
            named => named.map_err(AppError::io("writing", &path))?,
        }
        let settled = partial.place.settle();
        let released = Released { partial, file };
        if let Err(error) = settled {
            released.withdraw();
            return Err(AppError::io("writing", path)(error));
        }
        Ok(released)
    }
}

impl Released {
    /// Takes the file back, because what had to follow it failed. Another file that has its name by
    /// now is left alone.
    pub fn withdraw(self) {
        // Nothing more can be done about a medium that went away; the error that led here is told.
        let _ = self.partial.place.clear(&self.file);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{FileExt as _, MetadataExt as _};

    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all_and_never_replaces_another() {
        let folder = tempfile::tempdir().unwrap();
        let vault = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.bin");
        let begin = || start(&path, vault.path());
        let count = || fs::read_dir(folder.path()).unwrap().count();
        let mut dropped = begin().unwrap();
        dropped.write_all(b"half").unwrap();
        dropped.settle().unwrap();
        drop(dropped);
        assert_eq!(count(), 0);

        let mut kept = begin().unwrap();
        let mut late = begin().unwrap();
        kept.write_all(b"whole").unwrap();
        late.write_all(b"later").unwrap();
        let whole = kept.complete().unwrap();
        let mut read = [0; 5];
        whole.read_back().unwrap().read_exact_at(&mut read, 0).unwrap();
        assert_eq!((&read, path.exists()), (b"whole", false));
        let released = whole.release().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        let refused = late.complete().unwrap().release();
        assert!(matches!(refused, Err(AppError::Exists { .. })));
        assert!(matches!(begin(), Err(AppError::Exists { .. })));
        assert_eq!((fs::read(&path).unwrap(), count()), (b"whole".to_vec(), 1));

        released.withdraw();
        assert_eq!(count(), 0);
    }

    #[test]
    fn another_file_of_the_same_name_is_not_withdrawn() {
        let folder = tempfile::tempdir().unwrap();
        let vault = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.bin");
        let released = start(&path, vault.path()).unwrap().complete().unwrap().release().unwrap();
        fs::rename(&path, folder.path().join("moved")).unwrap();
        fs::write(&path, b"theirs").unwrap();
        released.withdraw();
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
    }

    #[test]
    fn nothing_is_written_into_the_vault() {
        let vault = tempfile::tempdir().unwrap();
        let inside = vault.path().join("v1");
        fs::create_dir(&inside).unwrap();
        for path in [vault.path().join("x.json"), inside.join("x.json")] {
            let refused = start(&path, vault.path());
            assert!(matches!(refused, Err(AppError::Invalid { .. })), "{refused:?}");
        }
        assert_eq!(fs::read_dir(&inside).unwrap().count(), 0);
    }
}
