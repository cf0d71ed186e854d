//! Sealed files: one blob each, under `blobs/<2 hex>/<random name>`.
//!
//! Promises: nothing readable reaches the disk; a file's bytes open with its own random key and in
//! its own place alone (project, blob and format version are bound into the key schedule); lengths
//! are padded (Padmé) before sealing; a file is whole or absent: temporary in the same folder, fsync,
//! rename, fsync of the folder, and only then the row that names it. Whatever no row names is a
//! leftover for [`Blobs::sweep`].

mod flush;
mod names;
mod reader;
mod seal;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vaultmark_crypto::Key;
use vaultmark_model::{BlobId, ProjectId};

use crate::{Ambient, StoreError, atomic};

pub(crate) use names::Names;
pub use reader::BlobReader;
pub(crate) use seal::{Placed, Sealed};

/// The version of the sealed files' format; part of what they are bound to.
pub(crate) const FORMAT: u8 = 1;

/// What a blob is bound to: project (16) ‖ blob (16) ‖ format version (1).
pub(crate) fn context(project: &ProjectId, blob: &BlobId) -> [u8; 33] {
    let mut bytes = [FORMAT; 33];
    bytes[..16].copy_from_slice(project.as_bytes());
    bytes[16..32].copy_from_slice(blob.as_bytes());
    bytes
}

/// What the database knows of a blob.
pub(crate) struct BlobFacts {
    pub id: BlobId,
    pub key: Key,
    pub name: String,
    /// Bytes before padding.
    pub length: u64,
    /// Bytes of the file.
    pub sealed: u64,
}

/// What a sweep took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The folder of a project's sealed files.
pub(crate) struct Blobs {
    folder: PathBuf,
    project: ProjectId,
    ambient: Arc<Ambient>,
}

impl Blobs {
    pub(crate) fn new(folder: PathBuf, project: ProjectId, ambient: Arc<Ambient>) -> Self {
        Self { folder, project, ambient }
    }

    /// Opens a blob and authenticates its beginning and its end. `what` names it in errors:
    /// `the file of item \`a/b.tif\``.
    pub(crate) fn open(&self, facts: &BlobFacts, what: &str) -> Result<BlobReader, StoreError> {
        BlobReader::open(&self.path(&facts.name)?, &self.project, facts, what)
    }

    /// Makes sealed files durable under their names: all are written out, then renamed, then the
    /// folders. Their rows may be written afterwards, not before.
    pub(crate) fn place(&self, sealed: &mut [Sealed]) -> Result<(), StoreError> {
        if sealed.is_empty() {
            return Ok(());
        }
        flush::at_once(sealed, Sealed::sync)?;
        // The folder above has the names of folders that were made for them.
        let mut folders = BTreeSet::from([self.folder.clone()]);
        for one in sealed {
            folders.insert(one.rename()?);
        }
        let folders: Vec<PathBuf> = folders.into_iter().collect();
        flush::at_once(&folders, |folder| {
            atomic::sync_folder(folder).map_err(|e| StoreError::io("writing", folder, e))
        })
    }

    /// Removes a file that no row names any more. One that is gone already is fine.
    pub(crate) fn remove(&self, name: &str) -> Result<(), StoreError> {
        let path = self.path(name)?;
        match fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::io("removing", &path, e))
            }
            _ => Ok(()),
        }
    }

    /// Removes temporaries and every file that is not among `names`.
    pub(crate) fn sweep(&self, names: &Names) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        self.each_file(&mut |path| {
            if names.has(path) {
                return Ok(());
            }
            let bytes = path.metadata().map_or(0, |facts| facts.len());
            fs::remove_file(path).map_err(|e| StoreError::io("removing", path, e))?;
            swept.files += 1;
            swept.bytes += bytes;
            Ok(())
        })?;
        Ok(swept)
    }

    /// Tells of every file below the folder, temporaries included.
    ///
    /// # Errors
    /// Where the folder can't be read; those of `tell`.
    pub(crate) fn each_file(
        &self,
        tell: &mut dyn FnMut(&Path) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if !self.folder.exists() {
            return Ok(());
        }
        for entry in walkdir::WalkDir::new(&self.folder).min_depth(1).max_depth(2) {
            let entry = entry.map_err(|e| StoreError::io("reading", &self.folder, e.into()))?;
            if !entry.file_type().is_dir() {
                tell(entry.path())?;
            }
        }
        Ok(())
    }

    /// Where the file of that name lies. Names come out of the authenticated database; one of
    /// another form is refused all the same, so that none can lead elsewhere.
    fn path(&self, name: &str) -> Result<PathBuf, StoreError> {
        if name.len() != 32 || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(StoreError::damaged(
                "project database",
                "a sealed file's name can't be read",
            ));
        }
        Ok(self.folder.join(&name[..2]).join(name))
    }

    /// Makes the folder of a new file. It is durable once the file has been placed.
    fn make_folder(&self, path: &Path) -> Result<(), StoreError> {
        let folder = path.parent().unwrap_or(path);
        if folder.is_dir() {
            return Ok(());
        }
        atomic::create_private_folder(folder).map_err(|e| StoreError::io("making", folder, e))
    }
}

/// Opens a file for reading without following a link put in its place.
fn open_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0),
    );
    options.open(path)
}

#[cfg(test)]
mod tests;
