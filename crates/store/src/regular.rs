//! Opening a file that somebody else made or named: a regular one, or none. A pipe would wait for a
//! writer that never comes, and to open a device may itself do something.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// What becomes of a symbolic link in the path's last place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// It is followed: a person named it.
    Followed,
    /// It is refused: it was found in a folder.
    Refused,
}

/// Opens a regular file for reading; waits for nothing.
///
/// # Errors
/// What the system says, and that it is no regular file.
pub fn open(path: &Path, links: Links) -> io::Result<File> {
    let facts = match links {
        Links::Followed => fs::metadata(path)?,
        Links::Refused => fs::symlink_metadata(path)?,
    };
    demand(&facts)?;
    let file = without_waiting(path, links)?;
    // Another may have taken its place since.
    demand(&file.metadata()?)?;
    Ok(file)
}

/// Reads a whole regular file that was found in a folder, of at most `most` bytes.
///
/// # Errors
/// As [`open`]; [`io::ErrorKind::FileTooLarge`] where it has more.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, Links::Refused)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn demand(facts: &fs::Metadata) -> io::Result<()> {
    let kind = facts.file_type();
    if kind.is_file() {
        return Ok(());
    }
    let why = if kind.is_dir() {
        "it is a folder; name a file in it"
    } else {
        "it is no regular file; copy its content to one"
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, why))
}

#[cfg(unix)]
fn without_waiting(path: &Path, links: Links) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};

    let mut flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    if links == Links::Refused {
        flags |= OFlags::NOFOLLOW;
    }
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn without_waiting(path: &Path, _links: Links) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_files_are_opened_and_nothing_else_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "x").unwrap();
        std::os::unix::fs::symlink(path("file"), path("link")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap();
        assert!(pipe.success());
        for links in [Links::Followed, Links::Refused] {
            open(&path("file"), links).unwrap();
            for other in [path("pipe"), folder.path().into(), "/dev/zero".into(), path("gone")] {
                assert!(open(&other, links).is_err(), "{}", other.display());
            }
        }
        assert_eq!(read(&path("file"), 1).unwrap(), b"x");
        assert_eq!(read(&path("file"), 0).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert!(read(&path("link"), 9).is_err());
        open(&path("link"), Links::Followed).unwrap();
        assert!(open(&path("link"), Links::Refused).is_err());
    }
}
