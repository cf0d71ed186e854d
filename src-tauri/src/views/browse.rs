//! Folders and files of this computer, for the picker inside the window.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A folder or a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct BrowseEntry {
    /// Its name.
    pub name: String,
    /// Its full path.
    pub path: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// Bytes of a file.
    pub size: Option<u64>,
}

/// What kind of place one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PlaceWord {
    /// The person's home folder.
    Home,
    /// Where all folders begin.
    Computer,
    /// What is mounted where removable media are.
    Medium,
}

/// A place to start from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PlaceView {
    /// What it is.
    pub kind: PlaceWord,
    /// What a medium is called; empty for the others.
    pub name: String,
    /// Its full path.
    pub path: String,
}

/// What a folder holds.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub struct BrowseView {
    /// The folder.
    pub path: String,
    /// The folder above.
    pub parent: Option<String>,
    /// Folders first, then files, each by name.
    pub entries: Vec<BrowseEntry>,
    /// Home and removable media.
    pub places: Vec<PlaceView>,
}
