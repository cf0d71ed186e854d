//! Where things lie in a vault folder.
//!
//! ```text
//! vault.header                       the open front, signed by an officer (see header.rs)
//! lock                               held by the one process that has the vault open
//! slots/<keyed name>.slot            a person's keys, sealed under the passphrase (see slot.rs)
//! directory.db                       what every member may know (see directory.rs)
//! audit/log, audit/state             the audit log
//! projects/<project id>/project.db   a project's database, under its own key
//! projects/<project id>/blobs/…      its sealed media
//! ```
//! No file or folder name says anything about a person, a project or a medium.

use std::path::{Path, PathBuf};

use vaultmark_model::ProjectId;

/// The places of one vault folder.
#[derive(Debug, Clone)]
pub(crate) struct Layout(PathBuf);

impl Layout {
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_path_buf())
    }

    pub fn root(&self) -> &Path {
        &self.0
    }

    pub fn header(&self) -> PathBuf {
        self.0.join("vault.header")
    }

    pub fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    pub fn slots(&self) -> PathBuf {
        self.0.join("slots")
    }

    pub fn slot(&self, name: &str) -> PathBuf {
        self.slots().join(format!("{name}.slot"))
    }

    pub fn directory(&self) -> PathBuf {
        self.0.join("directory.db")
    }

    pub fn audit(&self) -> PathBuf {
        self.0.join("audit")
    }

    pub fn projects(&self) -> PathBuf {
        self.0.join("projects")
    }

    pub fn project(&self, id: ProjectId) -> PathBuf {
        self.projects().join(id.to_string())
    }

    /// Names that may stand in the folder itself.
    pub const NAMES: &'static [&'static str] = &[
        "vault.header",
        "lock",
        "slots",
        "directory.db",
        "directory.db-wal",
        "directory.db-shm",
        "audit",
        "projects",
    ];
}
