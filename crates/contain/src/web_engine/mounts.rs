//! What of which file system a process sees (proc_pid_mountinfo(5)). A folder that is shown under another
//! name, or of which only a part is shown, is told from one that is not.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// A folder inside a file system: the number of the file system (`major:minor`) and the path from its
/// root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    system: Vec<u8>,
    path: PathBuf,
}

/// One file system, or a folder of it, at a mount point.
struct Mount {
    shown: Place,
    at: PathBuf,
}

/// What a process sees, in the order in which it was mounted.
pub(super) struct Mounts(Vec<Mount>);

impl Mounts {
    /// Of a process, by its number or `self`.
    pub(super) fn of(process: &str) -> io::Result<Self> {
        Ok(Self::read(&fs::read(format!("/proc/{process}/mountinfo"))?))
    }

    fn read(text: &[u8]) -> Self {
        Self(text.split(|byte| *byte == b'\n').filter_map(mount).collect())
    }

    /// Where a folder lies, as this process sees it.
    pub(super) fn place(folder: &Path) -> io::Result<Place> {
        let folder = folder.canonicalize()?;
        Self::of("self")?.place_in(&folder).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn place_in(&self, folder: &Path) -> Option<Place> {
        // The last that was mounted there covers the others.
        let over = self.0.iter().filter(|mount| folder.starts_with(&mount.at));
        let mount = over.max_by_key(|mount| mount.at.as_os_str().len())?;
        let below = folder.strip_prefix(&mount.at).ok()?;
        let system = mount.shown.system.clone();
        Some(Place { system, path: mount.shown.path.join(below) })
    }

    /// Whether the whole folder is somewhere in what is seen.
    pub(super) fn hold(&self, folder: &Place) -> bool {
        self.of_system(folder).any(|mount| folder.path.starts_with(&mount.shown.path))
    }

    /// Whether the folder or a part of it is.
    pub(super) fn touch(&self, folder: &Place) -> bool {
        let is_part = |mount: &Mount| mount.shown.path.starts_with(&folder.path);
        self.hold(folder) || self.of_system(folder).any(is_part)
    }

    fn of_system(&self, folder: &Place) -> impl Iterator<Item = &Mount> {
        self.0.iter().filter(move |mount| mount.shown.system == folder.system)
    }
}

/// The third, fourth and fifth field of a line: the file system, the root of the mount in it, the mount
/// point.
fn mount(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ').skip(2);
    let system = fields.next()?.to_vec();
    let (path, at) = (unescaped(fields.next()?), unescaped(fields.next()?));
    Some(Mount { shown: Place { system, path }, at })
}

/// Spaces, tabs, line feeds and backslashes are written as a backslash and three octal digits.
fn unescaped(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, after @ ..] = rest {
        let octal = (*first == b'\\').then(|| after.get(..3)).flatten();
        let octal = octal.and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    const OURS: &[u8] = b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
        23 22 8:2 / /home rw - ext4 /dev/sda2 rw\n\
        24 23 8:2 /eve/a\\040vault /mnt/elsewhere rw - ext4 /dev/sda2 rw\n";

    fn theirs(root: &str) -> Mounts {
        Mounts::read(format!("90 1 8:2 {root} /shown ro - ext4 /dev/sda2 rw\n").as_bytes())
    }

    #[test]
    fn a_folder_is_found_under_any_name_and_in_parts() {
        let ours = Mounts::read(OURS);
        let vault = ours.place_in(Path::new("/home/eve/a vault")).unwrap();
        assert_eq!(vault, ours.place_in(Path::new("/mnt/elsewhere")).unwrap());
        for root in ["/", "/eve", "/eve/a\\040vault"] {
            assert!(theirs(root).hold(&vault) && theirs(root).touch(&vault), "{root}");
        }
        let part = theirs("/eve/a\\040vault/projects");
        assert!(part.touch(&vault) && !part.hold(&vault));
        for root in ["/eve/a", "/eve/fonts", "/bob"] {
            assert!(!theirs(root).touch(&vault), "{root}");
        }
        // The same path of another disk.
        let other = Mounts::read(b"90 1 8:1 /eve /shown ro - ext4 /dev/sda1 rw\n");
        assert!(!other.touch(&vault));
    }

    #[test]
    fn names_are_read_as_they_are() {
        let read = |field: &[u8]| unescaped(field).into_os_string();
        assert_eq!(read(b"/a\\040b\\134c"), OsStr::new("/a b\\c"));
        assert_eq!(read(b"/a\\04"), OsStr::new("/a\\04"));
        assert_eq!(read(b"/\xff"), OsStr::from_bytes(b"/\xff"));
    }
}
