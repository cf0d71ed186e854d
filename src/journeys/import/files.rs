//! Walking what was named: files as they are, folders to their leaves, symbolic links never.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use vaultmark_model::item::ItemPath;
use walkdir::WalkDir;

use super::{PlannedFile, Refused};
use crate::journeys::room::Room;

/// What was found: files to look at, and what can't be.
#[derive(Default)]
pub(super) struct Found {
    pub files: Vec<PlannedFile>,
    pub refused: Vec<Refused>,
    pub ignored: u64,
}

/// Everything below the given paths, sorted.
pub(super) fn walk(paths: &[PathBuf]) -> Found {
    let (mut found, mut room) = (Found::default(), Room::default());
    for root in paths {
        // `import .` and `import dir/..` still need a name for the top folder.
        let named = root
            .file_name()
            .map_or_else(|| root.canonicalize().unwrap_or_else(|_| root.clone()), |_| root.clone());
        let name = named.file_name().map(|n| n.as_bytes().to_vec()).unwrap_or_default();
        let begun = found.files.len();
        // Sorted afterwards: a walk that sorts holds whole folders, whatever is in them.
        for entry in WalkDir::new(root).follow_links(false).follow_root_links(false) {
            let path = entry.as_ref().map_or_else(walkdir::Error::path, |entry| Some(entry.path()));
            let is_folder = entry.as_ref().is_ok_and(|entry| entry.file_type().is_dir());
            if !is_folder && !room.take(path.unwrap_or(root)) {
                let reason = format!("{}.", Room::why());
                found.refused.push(Refused { file: root.clone(), reason });
                break;
            }
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                // What was named was meant: it is not passed over in silence.
                Ok(entry) if !entry.file_type().is_file() && entry.depth() == 0 => {
                    found.refused.push(Refused {
                        file: root.clone(),
                        reason: "it is no regular file and no folder. Name what it points to, or \
                                 copy its content to a file."
                            .into(),
                    });
                }
                Ok(entry) if !entry.file_type().is_file() => found.ignored += 1,
                Ok(entry) => found.add(root, &name, entry),
                Err(error) => found.refused.push(Refused {
                    file: error.path().unwrap_or(root).to_owned(),
                    reason: format!(
                        "it can't be read: {}. Check that it is there and that you may read it.",
                        cause(&error)
                    ),
                }),
            }
        }
        found.files[begun..].sort_by(|a, b| a.file.cmp(&b.file));
    }
    found
}

fn cause(error: &walkdir::Error) -> String {
    error.io_error().map_or_else(|| "the folders form a loop".into(), ToString::to_string)
}

impl Found {
    fn add(&mut self, root: &Path, name: &[u8], entry: walkdir::DirEntry) {
        let below = entry.path().strip_prefix(root).unwrap_or(Path::new(""));
        let mut path = name.to_vec();
        for part in below.components() {
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(part.as_os_str().as_bytes());
        }
        let size = entry.metadata().map_or(0, |facts| facts.len());
        let file = entry.into_path();
        match ItemPath::new(path) {
            Ok(path) => self.files.push(PlannedFile { file, path, size }),
            Err(error) => self.refused.push(Refused { file, reason: format!("{error}.") }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::fs;

    #[test]
    fn folders_keep_their_names_links_are_not_followed_and_odd_names_survive() {
        let top = tempfile::tempdir().unwrap();
        let set = top.path().join("set");
        fs::create_dir_all(set.join("a")).unwrap();
        fs::write(set.join("a/1.png"), "x").unwrap();
        fs::write(set.join(OsStr::from_bytes(b"\xff.png")), "x").unwrap();
        std::os::unix::fs::symlink("/etc", set.join("link")).unwrap();
        let found = walk(&[set.clone(), set.join("a/1.png"), top.path().join("gone")]);
        let paths: Vec<_> = found.files.iter().map(|f| f.path.as_bytes().to_vec()).collect();
        assert_eq!(paths, [b"set/a/1.png".to_vec(), b"set/\xff.png".to_vec(), b"1.png".to_vec()]);
        assert_eq!(found.ignored, 1);
        assert_eq!(found.refused.len(), 1);
    }
}
