//! Sealing a stream into a new file.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;

use vaultmark_crypto::{CryptoError, Key, SealWriter, padme};
use vaultmark_model::BlobId;
use vaultmark_model::id::to_hex;

use super::{BlobFacts, Blobs, context};
use crate::{StoreError, atomic};

/// Bytes read at once.
const PIECE: usize = 128 * 1024;

/// A sealed file that no row names yet; removed when dropped, unless [`Sealed::keep`] was called.
pub(crate) struct Sealed {
    facts: Option<BlobFacts>,
    file: File,
    /// Where it lies now, and where it will.
    now: PathBuf,
    path: PathBuf,
}

impl Blobs {
    /// Seals what `plaintext` gives into a new temporary file. `watch` sees the plaintext as it
    /// goes by: to hash it, or to stop. `what` names the source in errors.
    ///
    /// # Errors
    /// [`StoreError::Io`] where reading or writing fails, what `watch` says, [`StoreError::Crypto`].
    pub(crate) fn seal(
        &self,
        what: &'static str,
        plaintext: &mut dyn Read,
        watch: &mut dyn FnMut(&[u8]) -> Result<(), StoreError>,
    ) -> Result<Sealed, StoreError> {
        let id = BlobId::from_bytes(self.ambient.random()?);
        let name = to_hex(&self.ambient.random::<16>()?);
        let key = Key::random(&*self.ambient.entropy)?;
        let path = self.path(&name)?;
        self.make_folder(&path)?;
        let now = path.with_extension(&atomic::TEMPORARY[1..]);
        let file = atomic::create_private(&now).map_err(|e| StoreError::io("writing", &now, e))?;
        let mut sealed = Sealed { facts: None, file, now, path };

        let write_fail = |sealed: &Sealed, e| match CryptoError::from_io("writing a blob", e) {
            CryptoError::Io { source, .. } => StoreError::io("writing", &sealed.path, source),
            other => other.into(),
        };
        let bound = context(&self.project, &id);
        let mut writer = SealWriter::new(&sealed.file, &key, &bound, &*self.ambient.entropy)
            .map_err(|e| write_fail(&sealed, e.into()))?;
        let mut piece = vec![0; PIECE];
        let mut length = 0_u64;
        loop {
            let read = match plaintext.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(StoreError::io("reading", std::path::Path::new(what), e)),
            };
            watch(&piece[..read])?;
            writer.write_all(&piece[..read]).map_err(|e| write_fail(&sealed, e))?;
            length += read as u64;
        }
        let padding = padme(length) - length;
        io::copy(&mut io::repeat(0).take(padding), &mut writer)
            .map_err(|e| write_fail(&sealed, e))?;
        writer.finish().map_err(|e| write_fail(&sealed, e.into()))?;
        let bytes =
            sealed.file.metadata().map_err(|e| StoreError::io("writing", &sealed.path, e))?;
        sealed.facts = Some(BlobFacts { id, key, name, length, sealed: bytes.len() });
        Ok(sealed)
    }
}

impl Sealed {
    /// What its row says.
    pub(crate) fn facts(&self) -> Result<&BlobFacts, StoreError> {
        self.facts
            .as_ref()
            .ok_or_else(|| StoreError::refused("sealing a file", "it was not finished"))
    }

    /// Writes the bytes out.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_data().map_err(|e| StoreError::io("writing", &self.path, e))
    }

    /// Gives the file its name; says which folder to make durable.
    pub(super) fn rename(&mut self) -> Result<PathBuf, StoreError> {
        fs::rename(&self.now, &self.path).map_err(|e| StoreError::io("writing", &self.path, e))?;
        self.now.clone_from(&self.path);
        Ok(self.path.parent().unwrap_or(&self.path).to_path_buf())
    }

    /// A durable row names it now: it stays.
    pub(crate) fn keep(mut self) {
        self.now = PathBuf::new();
    }
}

/// Sealed files under their names that no durable row names yet, of which no more is held than their
/// names; removed when dropped, unless [`Placed::keep`] was called.
pub(crate) struct Placed<'b> {
    blobs: &'b Blobs,
    names: Vec<Box<str>>,
}

impl<'b> Placed<'b> {
    pub(crate) fn new(blobs: &'b Blobs) -> Self {
        Self { blobs, names: Vec::new() }
    }

    /// Takes over files that [`Blobs::place`] has given their names.
    pub(crate) fn take(&mut self, placed: impl Iterator<Item = Sealed>) {
        for mut one in placed {
            if let Some(facts) = one.facts.take() {
                self.names.push(facts.name.into());
                one.keep();
            }
        }
    }

    /// Durable rows name them now: they stay. Gives their number.
    pub(crate) fn keep(mut self) -> u64 {
        std::mem::take(&mut self.names).len() as u64
    }
}

impl Drop for Placed<'_> {
    fn drop(&mut self) {
        for name in &self.names {
            // Best effort: the sweep takes what stays.
            let _ = self.blobs.remove(name);
        }
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        if !self.now.as_os_str().is_empty() {
            // Best effort: the sweep takes what stays.
            let _ = fs::remove_file(&self.now);
        }
    }
}
