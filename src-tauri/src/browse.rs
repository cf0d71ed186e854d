//! Looking at this computer's folders for the picker inside the window. The system's own dialog
//! would write what was chosen into the desktop's list of recent files.

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use crate::views::{Answer, AppError, BrowseEntry, BrowseView, PlaceView, PlaceWord};

/// The most entries of one folder.
const ENTRIES: usize = 10_000;

/// The person's home folder.
#[must_use]
pub fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|path| path.is_absolute() && path.is_dir())
}

/// What a folder holds; the home folder's content without one.
///
/// # Errors
/// Where it is no folder or can't be read.
pub fn browse(path: Option<PathBuf>) -> Answer<BrowseView> {
    let path = path.or_else(home).unwrap_or_else(|| PathBuf::from("/"));
    let unreadable = |error: std::io::Error| {
        AppError::new(
            "file",
            format!("{} can't be read: {error}.", path.display()),
            Some("Choose another folder."),
        )
    };
    let mut entries = Vec::new();
    for entry in fs::read_dir(&path).map_err(unreadable)? {
        // What vanishes while one looks is not there.
        entries.extend(entry.ok().as_ref().and_then(shown));
        if entries.len() >= ENTRIES {
            break;
        }
    }
    entries
        .sort_by_cached_key(|entry| (!entry.folder, entry.name.to_lowercase(), entry.name.clone()));
    Ok(BrowseView {
        parent: path.parent().map(|parent| parent.display().to_string()),
        path: path.display().to_string(),
        entries,
        places: places(),
    })
}

/// Folders and regular files with names that can be written down. Symbolic links are not followed
/// and hidden things not shown; a folder is imported with all that is in it, whatever the names.
fn shown(entry: &DirEntry) -> Option<BrowseEntry> {
    let name = entry.file_name().into_string().ok().filter(|name| !name.starts_with('.'))?;
    let path = entry.path().into_os_string().into_string().ok()?;
    let kind = entry.file_type().ok()?;
    let size = || entry.metadata().ok().map(|facts| facts.len());
    match (kind.is_dir(), kind.is_file()) {
        (true, _) => Some(BrowseEntry { name, path, folder: true, size: None }),
        (_, true) => Some(BrowseEntry { name, path, folder: false, size: size() }),
        _ => None,
    }
}

/// Home, the root, and what is mounted where removable media are.
fn places() -> Vec<PlaceView> {
    let mut places = Vec::new();
    let mut add = |kind: PlaceWord, name: String, path: &Path| {
        places.push(PlaceView { kind, name, path: path.display().to_string() });
    };
    if let Some(home) = home() {
        add(PlaceWord::Home, String::new(), &home);
    }
    add(PlaceWord::Computer, String::new(), Path::new("/"));
    let user = std::env::var_os("USER").unwrap_or_default();
    let media = [PathBuf::from("/media").join(&user), PathBuf::from("/run/media").join(&user)];
    let roots = media.into_iter().filter(|_| !user.is_empty());
    for root in roots.chain(["/media".into(), "/mnt".into()]) {
        let mut mounted: Vec<PathBuf> =
            fs::read_dir(&root).into_iter().flatten().flatten().map(|e| e.path()).collect();
        mounted.retain(|path| is_folder(path) && path.file_name() != Some(&user));
        mounted.sort();
        for path in mounted {
            let name =
                path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned();
            add(PlaceWord::Medium, name, &path);
        }
    }
    places
}

fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|facts| facts.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_first_and_links_and_hidden_things_are_left_out() {
        let here = tempfile::tempdir().unwrap();
        let at = |name: &str| here.path().join(name);
        fs::write(at("b.png"), b"12345").unwrap();
        fs::write(at("A.txt"), b"").unwrap();
        fs::write(at(".hidden"), b"").unwrap();
        fs::create_dir(at("zoo")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt as _;
            std::os::unix::fs::symlink(at("zoo"), at("link")).unwrap();
            fs::write(here.path().join(OsStr::from_bytes(b"\xff.png")), b"").unwrap();
        }
        let view = browse(Some(here.path().to_owned())).unwrap();
        let seen: Vec<_> =
            view.entries.iter().map(|e| (e.name.as_str(), e.folder, e.size)).collect();
        assert_eq!(
            seen,
            [("zoo", true, None), ("A.txt", false, Some(0)), ("b.png", false, Some(5))]
        );
        assert_eq!(view.parent, here.path().parent().map(|p| p.display().to_string()));
        assert!(!view.places.is_empty());
        assert_eq!(browse(Some(at("b.png"))).unwrap_err().kind, "file");
        assert_eq!(browse(Some(at("none"))).unwrap_err().kind, "file");
    }
}
