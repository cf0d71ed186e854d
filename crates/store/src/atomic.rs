//! Files that are whole or absent: a temporary in the same folder, fsync, rename, fsync of the
//! folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::StoreError;

/// The ending of files that a crash may leave behind; whoever opens the folder sweeps them.
pub const TEMPORARY: &str = ".tmp";

/// Replaces `path` with `bytes`. After a crash at any moment it holds either the old bytes or the
/// new ones. `what` names the file in errors.
///
/// # Errors
/// [`StoreError::Io`], [`StoreError::DiskFull`], [`StoreError::ReadOnly`]; the old file is then
/// untouched.
pub fn write(what: &'static str, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(TEMPORARY);
    let temporary = path.with_file_name(name);
    let fail = |source| StoreError::io(what, path, source);
    let written = write_new(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if let Err(source) = written {
        // Best effort: the sweep on open takes what stays.
        let _ = fs::remove_file(&temporary);
        return Err(fail(source));
    }
    sync_folder(path.parent().unwrap_or(path)).map_err(fail)
}

/// Creates a file that only its owner may read, in place of a leftover of the same name.
///
/// # Errors
/// As the operating system says.
pub fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Creates a folder that only its owner may enter, with its parents; an existing one is left alone.
///
/// # Errors
/// As the operating system says.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Lets nobody but its owner into a folder that was there before, where that is who runs this.
///
/// # Errors
/// `PermissionDenied` for another's folder; as the operating system says.
pub fn keep_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let found = fs::metadata(path)?;
        if found.uid() != rustix::process::geteuid().as_raw() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        if found.mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        }
    }
    #[cfg(not(unix))]
    fs::metadata(path)?;
    Ok(())
}

/// Makes renames and new names in a folder durable.
///
/// # Errors
/// As the operating system says.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    // Windows has no handle for a folder that can be flushed; its rename is journalled.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Removes what crashes left behind in `folder`.
///
/// # Errors
/// [`StoreError::Io`] where the folder can't be read.
pub fn sweep(folder: &Path) -> Result<(), StoreError> {
    let fail = |source| StoreError::io("reading", folder, source);
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_name().to_string_lossy().ends_with(TEMPORARY) {
            let path = entry.path();
            fs::remove_file(&path).map_err(|source| StoreError::io("removing", &path, source))?;
        }
    }
    Ok(())
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_private(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_whole_and_leaves_no_temporary() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write("writing", &path, b"one").unwrap();
        write("writing", &path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        fs::write(folder.path().join("left.tmp"), b"x").unwrap();
        sweep(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failure_keeps_the_old_file_and_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none").join("file");
        let error = write("writing", &path, b"one").unwrap_err();
        assert!(matches!(&error, StoreError::Io { path: named, .. } if *named == path));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_said_in_words() {
        // The kernel's own full device stands for a full disk.
        let error = File::options().write(true).open("/dev/full").unwrap().write_all(b"x");
        let error = StoreError::io("the slot", Path::new("/dev/full"), error.unwrap_err());
        assert!(matches!(error, StoreError::DiskFull { .. }));
        assert!(error.to_string().contains("the disk is full"));
    }
}
