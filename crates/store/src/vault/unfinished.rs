//! Projects whose making was interrupted. A marker stands in the folder from before its database is
//! made until the keys' records are remembered; the next sign-in finishes or removes what a kill
//! left, so that the same project can be made or received again.
//!
//! The marker is signed by who makes the project, and only that person's sign-in acts on it: a file
//! of this name that anybody puts into a project takes nothing away.

use std::fs;
use std::io;
use std::path::Path;

use minicbor::{Decoder, Encoder};
use vaultmark_crypto::{Namespace, SigningKey, verify};
use vaultmark_model::canonical::{Canonical, DecodeResult, EncodeResult, expect_array, invalid};
use vaultmark_model::{ProjectId, PublicKey, Signature, VaultId};

use super::Vault;
use super::wrap_record::WrapRecord;
use crate::audit::Event;
use crate::{StoreError, atomic, regular};

/// The marker's name.
const MARKER: &str = "unfinished";
/// The most bytes of a marker.
const MARKER_BYTES: u64 = 4096;

/// What a marker says; the signature over it follows it in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Marker {
    vault: VaultId,
    project: ProjectId,
    maker: PublicKey,
}

impl Canonical for Marker {
    const WHAT: &'static str = "unfinished project";

    fn encode(&self, e: &mut Encoder<Vec<u8>>) -> EncodeResult {
        e.array(5)?.str(MARKER)?.u8(1)?;
        self.vault.encode(e)?;
        self.project.encode(e)?;
        self.maker.encode(e)
    }

    fn decode(d: &mut Decoder<'_>) -> DecodeResult<Self> {
        expect_array(d, 5)?;
        if d.str()? != MARKER || d.u8()? != 1 {
            return Err(invalid("another kind of marker, or a newer one"));
        }
        let (vault, project) = (VaultId::decode(d)?, ProjectId::decode(d)?);
        Ok(Self { vault, project, maker: PublicKey::decode(d)? })
    }
}

impl Marker {
    fn signed(&self, signer: &SigningKey) -> Vec<u8> {
        let mut bytes = self.to_bytes();
        let signature = signer.sign(Namespace::Membership, &bytes);
        bytes.extend_from_slice(signature.bytes());
        bytes
    }

    /// Whether a folder holds this marker, signed by its maker.
    fn stands_in(&self, folder: &Path) -> bool {
        let bytes = regular::read(&folder.join(MARKER), MARKER_BYTES).unwrap_or_default();
        let said = self.to_bytes();
        bytes.strip_prefix(said.as_slice()).is_some_and(|signature| {
            let signature = Signature::new(signature.to_vec());
            verify(&self.maker, Namespace::Membership, &said, &signature).is_ok()
        })
    }
}

/// Makes the project's folder with the marker in it.
///
/// # Errors
/// What the disk says.
pub(super) fn begin(
    folder: &Path,
    vault: VaultId,
    project: ProjectId,
    maker: &SigningKey,
) -> Result<(), StoreError> {
    let failed = |source| StoreError::io("making", folder, source);
    atomic::create_private_folder(folder).map_err(failed)?;
    let marker = Marker { vault, project, maker: maker.public() };
    atomic::write("making", &folder.join(MARKER), &marker.signed(maker))?;
    folder.parent().map_or(Ok(()), atomic::sync_folder).map_err(failed)
}

/// Takes the marker away: the project is whole.
///
/// # Errors
/// What the disk says.
pub(super) fn end(folder: &Path) -> Result<(), StoreError> {
    let marker = folder.join(MARKER);
    fs::remove_file(&marker).map_err(|source| StoreError::io("removing", &marker, source))?;
    atomic::sync_folder(folder).map_err(|source| StoreError::io("making", folder, source))
}

impl Vault {
    /// Finishes or removes what an interrupted making left. A project that this person's slot
    /// remembers was whole but for its marker. One that this person began, that the slot never came
    /// to remember and to which nobody else has a key was never used: nobody can have put anything
    /// into it. Everything else is left alone; `check` names what the directory does not know.
    pub(super) fn settle_unfinished(&self) -> Result<(), StoreError> {
        let root = self.parts.layout.projects();
        let entries =
            fs::read_dir(&root).map_err(|source| StoreError::io("reading", &root, source))?;
        for entry in entries.flatten() {
            let folder = entry.path();
            let id = entry.file_name().to_str().and_then(|name| name.parse::<ProjectId>().ok());
            let Some(id) = id else { continue };
            let known = self.directory().projects()?.contains(&id);
            if !known {
                remove_bare(&folder)?;
            }
            let maker = self.public_key();
            if !(Marker { vault: self.id(), project: id, maker }).stands_in(&folder) {
                continue;
            }
            if self.slot().pins.projects.contains_key(&id) {
                end(&folder)?;
            } else if self.only_mine(id)? {
                self.parts.audit.append(Event::new("project.sweep").project(id))?;
                if known {
                    self.directory().remove_project(id)?;
                }
                fs::remove_dir_all(&folder)
                    .map_err(|source| StoreError::io("removing", &folder, source))?;
            }
        }
        Ok(())
    }

    /// Whether every key to a project is this person's or the recovery sheet's, made by this person.
    fn only_mine(&self, id: ProjectId) -> Result<bool, StoreError> {
        let (me, key) = (self.recipient().to_string(), self.public_key());
        for signed in self.directory().wraps()? {
            // A record that can't be read may be anybody's.
            let Ok(record) = WrapRecord::verify(&signed) else { return Ok(false) };
            let mine = record.author == key
                && (record.recipient == me || record.recipient == self.parts.header.recovery);
            if record.project == id && !mine {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Removes a folder that holds nothing, or nothing but a marker that was not written whole.
fn remove_bare(folder: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::io("removing", folder, source);
    let leftover = format!("{MARKER}{}", atomic::TEMPORARY);
    let Ok(mut entries) = fs::read_dir(folder) else { return Ok(()) };
    if !entries.all(|one| one.is_ok_and(|one| *one.file_name() == *leftover)) {
        return Ok(());
    }
    match fs::remove_file(folder.join(leftover)) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(failed(source)),
        _ => {}
    }
    fs::remove_dir(folder).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::tests::Place;

    #[test]
    fn what_a_kill_left_is_removed_and_what_is_whole_stays() {
        let place = Place::new().made();
        let opened = place.unlock().unwrap();
        let kept = opened.create_project("kept", opened.front().marking.clone()).unwrap();
        let (id, root) = (kept.id(), opened.parts.layout.projects());
        drop(kept);
        let (vault, opened_by) = (opened.id(), std::sync::Arc::clone(&opened.officeholder.signing));
        drop(opened.lock().unwrap());
        // As after a kill just before the marker went, after one before the keys' records, and after
        // one before the marker was whole.
        let maker = &opened_by;
        begin(&root.join(id.to_string()), vault, id, maker).unwrap();
        let torn = ProjectId::from_bytes([9; 16]);
        begin(&root.join(torn.to_string()), vault, torn, maker).unwrap();
        let bare = root.join(ProjectId::from_bytes([8; 16]).to_string());
        fs::create_dir(&bare).unwrap();
        fs::write(bare.join("unfinished.tmp"), b"torn").unwrap();
        let opened = place.unlock().unwrap();
        assert!(!root.join(torn.to_string()).exists() && !bare.exists());
        assert!(!root.join(id.to_string()).join(MARKER).exists());
        assert_eq!(opened.open_project(id).unwrap().name(), "kept");
        let from = crate::project::ReceivedFrom {
            bundle: vaultmark_model::BundleId::from_bytes([7; 16]),
            signer: "SHA256:x".into(),
            time: vaultmark_model::Timestamp::from_millis(1),
        };
        opened.adopt_project(torn, "again", opened.front().marking.clone(), &from).unwrap();
    }

    #[test]
    fn a_marker_that_somebody_else_put_there_takes_nothing_away() {
        let place = Place::new().made();
        let opened = place.unlock().unwrap();
        let (vault, root) = (opened.id(), opened.parts.layout.projects());
        let known = opened.create_project("known", opened.front().marking.clone()).unwrap().id();
        let stranger = SigningKey::generate(&vaultmark_crypto::testing::FixedEntropy::new(7));
        let stranger = stranger.unwrap();
        // Not remembered by the slot, as for who was made a member while away.
        opened.slot().pins.projects.remove(&known);
        let mut slot = opened.slot();
        opened.remember(&mut slot).unwrap();
        drop(slot);
        let me = std::sync::Arc::clone(&opened.officeholder.signing);
        drop(opened.into_locked());
        let folder = root.join(known.to_string());
        let other = ProjectId::from_bytes([9; 16]);
        let marker = |project, maker: &SigningKey, by: &SigningKey| {
            Marker { vault, project, maker: maker.public() }.signed(by)
        };
        for bytes in [
            Vec::new(),
            marker(known, &stranger, &stranger),
            marker(known, &me, &stranger),
            marker(other, &me, &me),
        ] {
            fs::write(folder.join(MARKER), bytes).unwrap();
            let opened = place.unlock().unwrap();
            assert!(folder.join("project.db").exists());
            opened.slot().pins.projects.remove(&known);
            let mut slot = opened.slot();
            opened.remember(&mut slot).unwrap();
            drop(slot);
            drop(opened.into_locked());
        }
        // One's own counts, unless somebody else has a key too.
        fs::write(folder.join(MARKER), marker(known, &me, &me)).unwrap();
        let opened = place.unlock();
        assert!(opened.is_ok() && !folder.exists());
    }
}
