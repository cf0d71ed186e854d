//! How many files one walk through a folder may find: all of them are kept in memory.

use std::path::Path;

/// The most files.
pub(super) const FILES: usize = 400_000;
/// The most bytes of their paths.
pub(super) const PATH_BYTES: usize = 64 << 20;

/// The room that is left.
pub(super) struct Room {
    files: usize,
    bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { files: FILES, bytes: PATH_BYTES }
    }
}

impl Room {
    /// Takes room for a file; false where there is none.
    #[must_use]
    pub(super) fn take(&mut self, path: &Path) -> bool {
        let left = (self.files.checked_sub(1), self.bytes.checked_sub(path.as_os_str().len()));
        let (Some(files), Some(bytes)) = left else { return false };
        (self.files, self.bytes) = (files, bytes);
        true
    }

    /// What is said of a folder that holds more.
    pub(super) fn why() -> String {
        format!(
            "it holds more than {FILES} files, or more than {PATH_BYTES} bytes of paths; import its parts one by one"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_their_paths_take_room() {
        let mut room = Room { files: 3, bytes: 10 };
        assert!(room.take(Path::new("12345")) && room.take(Path::new("12345")));
        assert!(!room.take(Path::new("1")) && room.take(Path::new("")));
        assert!(!room.take(Path::new("")));
    }
}
