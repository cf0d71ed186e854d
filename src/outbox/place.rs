//! Where a file comes to lie: its folder by descriptor, a partial file in it that nobody else can
//! open, and its name, which is never taken from another file.
//!
//! A partial file has no name at all where the file system can do that (open(2), `O_TMPFILE`): what
//! is killed then leaves nothing. Elsewhere (FAT) it has a name of its own, is made and never opened,
//! and is locked while it is written, so that what a killed program left can be told from what is in
//! use.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, FileType, FlockOperation, Mode, OFlags, RenameFlags, Stat, fchmod, flock, fstat,
    fsync, linkat, openat, renameat, renameat_with, stat, statat, unlinkat,
};
use rustix::io::Errno;

/// What leaves is for the person who sent it; whoever shall read it is given it on purpose.
const OWNER: Mode = Mode::RUSR.union(Mode::WUSR);

/// A name in a folder that is held open: nobody can move the folder away underneath.
#[derive(Debug)]
pub(super) struct Place {
    folder: OwnedFd,
    name: OsString,
    pub path: PathBuf,
}

/// A file that has not its name yet. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Partial {
    pub place: Place,
    /// Its own name, where it must have one.
    own: Option<OsString>,
}

fn same(a: &Stat, b: &Stat) -> bool {
    (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)
}

impl Place {
    /// Opens the folder of a path that names a file; none where it names no file.
    pub fn of(path: &Path) -> io::Result<Option<Self>> {
        let Some(name) = path.file_name() else { return Ok(None) };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = openat(CWD, parent.unwrap_or(Path::new(".")), flags, Mode::empty())?;
        Ok(Some(Self { folder, name: name.to_owned(), path: path.to_owned() }))
    }

    /// Whether the folder is another one or lies somewhere in it, whatever links lead there.
    pub fn lies_in(&self, other: &Path) -> io::Result<bool> {
        let other = stat(other)?;
        let mut here = fstat(&self.folder)?;
        let mut above: Option<OwnedFd> = None;
        while !same(&here, &other) {
            let folder = above.as_ref().map_or(self.folder.as_fd(), AsFd::as_fd);
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let up = openat(folder, "..", flags, Mode::empty())?;
            let there = fstat(&up)?;
            if same(&there, &here) {
                return Ok(false);
            }
            (here, above) = (there, Some(up));
        }
        Ok(true)
    }

    /// Whether something has the name.
    pub fn is_taken(&self) -> bool {
        self.look(&self.name).is_ok()
    }

    /// Whether the name belongs to this file.
    pub fn holds(&self, file: &File) -> bool {
        self.is(&self.name, file)
    }

    /// Takes the name away again from this file.
    pub fn clear(&self, file: &File) -> io::Result<()> {
        if self.holds(file) {
            unlinkat(&self.folder, &self.name, AtFlags::empty())?;
            self.settle()?;
        }
        Ok(())
    }

    /// Makes names in the folder durable.
    pub fn settle(&self) -> io::Result<()> {
        Ok(fsync(&self.folder)?)
    }

    /// Makes a partial file.
    pub fn begin(self) -> io::Result<(Partial, File)> {
        match self.nameless() {
            Ok(file) => Ok((Partial { place: self, own: None }, file)),
            // What open(2) gives where the file system can't, and what old kernels gave.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT) => {
                self.begin_named()
            }
            Err(error) => Err(error.into()),
        }
    }

    fn nameless(&self) -> rustix::io::Result<File> {
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let file = openat(&self.folder, ".", flags, OWNER)?;
        fchmod(&file, OWNER)?;
        // It is named through here; without it there would be no way.
        stat(through(file.as_fd()))?;
        Ok(File::from(file))
    }

    /// Makes a partial file with a name of its own.
    pub fn begin_named(self) -> io::Result<(Partial, File)> {
        let mut own = OsString::from(".");
        own.push(&self.name);
        own.push(".partial");
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::RDWR | OFlags::CLOEXEC;
        let file = match openat(&self.folder, &own, flags, OWNER) {
            Err(Errno::EXIST) => {
                self.clear_leftover(&own)?;
                openat(&self.folder, &own, flags, OWNER)?
            }
            made => made?,
        };
        // The umask may have taken the owner's rights away; FAT knows none, and says so.
        let _ = fchmod(&file, OWNER);
        let file = File::from(file);
        if is_held(&file) || !self.is(&own, &file) {
            return Err(busy());
        }
        Ok((Partial { place: self, own: Some(own) }, file))
    }

    /// Removes a partial file that a killed program of the same person left.
    fn clear_leftover(&self, own: &OsStr) -> io::Result<()> {
        let facts = self.look(own)?;
        let plain = FileType::from_raw_mode(facts.st_mode) == FileType::RegularFile;
        if !plain || facts.st_nlink > 1 || facts.st_uid != rustix::process::geteuid().as_raw() {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!(
                    "`{}` lies there and is not this program's; remove it or choose another folder",
                    own.to_string_lossy()
                ),
            ));
        }
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let left = File::from(openat(&self.folder, own, flags, Mode::empty())?);
        // Whoever writes holds the lock; a kill has released it.
        if is_held(&left) || !self.is(own, &left) {
            return Err(busy());
        }
        Ok(unlinkat(&self.folder, own, AtFlags::empty())?)
    }

    fn look(&self, name: &OsStr) -> rustix::io::Result<Stat> {
        statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW)
    }

    fn is(&self, name: &OsStr, file: &File) -> bool {
        let found = self.look(name).and_then(|found| Ok(same(&found, &fstat(file)?)));
        found.unwrap_or(false)
    }
}

impl Partial {
    /// Gives the file its name, which must be free.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] where something has it; the other file is untouched.
    pub fn name(&mut self, file: &File) -> io::Result<()> {
        let place = &self.place;
        match self.own.take() {
            None => {
                let link = through(file.as_fd());
                linkat(CWD, link, &place.folder, &place.name, AtFlags::SYMLINK_FOLLOW)?;
            }
            Some(own) if place.is(&own, file) => {
                if let Err(error) = rename(place, &own, &ALL_WAYS) {
                    self.own = Some(own);
                    return Err(error);
                }
            }
            Some(own) => {
                return Err(io::Error::other(format!(
                    "`{}` was put in its place meanwhile; choose another folder",
                    own.to_string_lossy()
                )));
            }
        }
        if self.place.holds(file) {
            Ok(())
        } else {
            Err(io::Error::other("another file has its name now; choose another folder"))
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Some(own) = &self.own {
            // Nothing more can be done about a medium that went away; the name says what it is.
            let _ = unlinkat(&self.place.folder, own, AtFlags::empty());
        }
    }
}

/// A way to rename without replacing.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// renameat2(2) with `RENAME_NOREPLACE`.
    Flag,
    /// A hard link, which refuses a name that is taken, and then without the first name.
    Link,
    /// The name is taken by an empty file of ours, which is then replaced.
    Holder,
}

/// From the best to the one that every file system has.
const ALL_WAYS: [Way; 3] = [Way::Flag, Way::Link, Way::Holder];

fn rename(place: &Place, own: &OsStr, ways: &[Way]) -> io::Result<()> {
    let (folder, name) = (&place.folder, &place.name);
    let mut last = Errno::NOTSUP;
    for way in ways {
        let done = match way {
            Way::Flag => renameat_with(folder, own, folder, name, RenameFlags::NOREPLACE),
            Way::Link => linkat(folder, own, folder, name, AtFlags::empty())
                .and_then(|()| unlinkat(folder, own, AtFlags::empty())),
            Way::Holder => {
                let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                openat(folder, name, flags | OFlags::WRONLY, OWNER).and_then(|_| {
                    renameat(folder, own, folder, name).inspect_err(|_| {
                        let _ = unlinkat(folder, name, AtFlags::empty());
                    })
                })
            }
        };
        match done {
            // What file systems give that have no such thing.
            Err(error @ (Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::PERM)) => {
                last = error;
            }
            done => return Ok(done?),
        }
    }
    Err(last.into())
}

/// The way to a file that has no name (open(2), `O_TMPFILE`).
fn through(file: BorrowedFd<'_>) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// Whether another program holds the file; otherwise this one does now. Without locks nobody can
/// tell, and who is robbed of a partial file notices when it is named.
fn is_held(file: &File) -> bool {
    flock(file, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK)
}

fn busy() -> io::Error {
    io::Error::new(io::ErrorKind::ResourceBusy, "another program is writing it")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;
    use std::os::unix::fs::{MetadataExt as _, symlink};

    use super::*;

    fn place(path: &Path) -> Place {
        Place::of(path).unwrap().unwrap()
    }

    fn names(folder: &Path) -> Vec<OsString> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|one| one.unwrap().file_name()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_named_partial_is_private_and_takes_over_what_was_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.bin");
        fs::write(folder.path().join(".out.bin.partial"), b"left by a killed program").unwrap();
        let (mut partial, mut file) = place(&path).begin_named().unwrap();
        assert_eq!(names(folder.path()), [".out.bin.partial"]);
        assert!(place(&path).begin_named().is_err(), "two write one file");
        file.write_all(b"whole").unwrap();
        partial.name(&file).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        drop(partial);
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(names(folder.path()), ["out.bin"]);

        drop(place(&folder.path().join("b")).begin_named().unwrap());
        assert_eq!(names(folder.path()), ["out.bin"]);
    }

    #[test]
    fn what_others_put_in_the_partials_place_is_not_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        fs::write(&victim, b"theirs").unwrap();
        symlink(&victim, folder.path().join(".a.partial")).unwrap();
        fs::hard_link(&victim, folder.path().join(".b.partial")).unwrap();
        fs::create_dir(folder.path().join(".c.partial")).unwrap();
        if rustix::process::geteuid().is_root() {
            // Only an administrator can make a file of somebody else's.
            let planted = folder.path().join(".d.partial");
            fs::write(&planted, b"").unwrap();
            std::os::unix::fs::chown(&planted, Some(65_534), None).unwrap();
        } else {
            fs::create_dir(folder.path().join(".d.partial")).unwrap();
        }
        for name in ["a", "b", "c", "d"] {
            let refused = place(&folder.path().join(name)).begin_named().unwrap_err();
            assert!(refused.to_string().contains("not this program's"), "{refused}");
        }
        assert_eq!(fs::read(&victim).unwrap(), b"theirs");

        let (mut partial, file) = place(&folder.path().join("e")).begin_named().unwrap();
        fs::rename(&victim, folder.path().join(".e.partial")).unwrap();
        assert!(partial.name(&file).unwrap_err().to_string().contains("meanwhile"));
        assert!(!folder.path().join("e").exists());
    }

    #[test]
    fn no_way_of_naming_replaces_another_file() {
        for way in ALL_WAYS {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("out");
            let (partial, mut file) = place(&path).begin_named().unwrap();
            file.write_all(b"ours").unwrap();
            let own = partial.own.clone().unwrap();
            fs::write(&path, b"theirs").unwrap();
            let taken = rename(&partial.place, &own, &[way]).unwrap_err();
            assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists, "{way:?}");
            assert_eq!(fs::read(&path).unwrap(), b"theirs");
            fs::remove_file(&path).unwrap();
            rename(&partial.place, &own, &[way]).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"ours", "{way:?}");
            assert_eq!(names(folder.path()), ["out"], "{way:?}");
        }
    }

    #[test]
    fn a_folder_is_found_below_another_through_links() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("vault");
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::create_dir(folder.path().join("beside")).unwrap();
        symlink(root.join("a"), folder.path().join("link")).unwrap();
        for (path, wanted) in [
            ("vault/x", true),
            ("vault/a/b/x", true),
            ("link/b/x", true),
            ("beside/../vault/a/x", true),
            ("x", false),
            ("beside/x", false),
        ] {
            let found = place(&folder.path().join(path)).lies_in(&root).unwrap();
            assert_eq!(found, wanted, "{path}");
        }
    }
}
