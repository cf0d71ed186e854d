//! Projects whose making was interrupted. A marker stands in the folder from before its database is
//! made until the keys' records are remembered; the next sign-in finishes or removes what a kill
//! left, so that the same project can be made or received again.

use std::fs;
use std::path::Path;

use vaultmark_model::ProjectId;

use super::Vault;
use crate::audit::Event;
use crate::{StoreError, atomic};

/// The marker's name.
const MARKER: &str = "unfinished";

/// Makes the project's folder with the marker in it.
///
/// # Errors
/// What the disk says.
pub(super) fn begin(folder: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::io("making", folder, source);
    atomic::create_private_folder(folder).map_err(failed)?;
    atomic::create_private(&folder.join(MARKER))
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    atomic::sync_folder(folder).map_err(failed)?;
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
    /// remembers was whole but for its marker. One that the directory does not know, or that only
    /// this person has a key to and has never opened, was never used: nobody can have put anything
    /// into it. Others' are theirs to settle.
    pub(super) fn settle_unfinished(&self) -> Result<(), StoreError> {
        let root = self.parts.layout.projects();
        let entries =
            fs::read_dir(&root).map_err(|source| StoreError::io("reading", &root, source))?;
        for entry in entries.flatten() {
            let folder = entry.path();
            let id = entry.file_name().to_str().and_then(|name| name.parse::<ProjectId>().ok());
            let Some(id) = id.filter(|_| folder.join(MARKER).is_file()) else { continue };
            let known = self.directory().projects()?.contains(&id);
            let mine = self.directory().projects_of(&self.recipient().to_string())?.contains(&id);
            if self.slot().pins.projects.contains_key(&id) {
                end(&folder)?;
            } else if !known || mine {
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
        drop(opened.lock().unwrap());
        // As after a kill just before the marker went, and after one before the keys' records.
        begin(&root.join(id.to_string())).unwrap();
        let torn = ProjectId::from_bytes([9; 16]);
        begin(&root.join(torn.to_string())).unwrap();
        let opened = place.unlock().unwrap();
        assert!(!root.join(torn.to_string()).exists());
        assert!(!root.join(id.to_string()).join(MARKER).exists());
        assert_eq!(opened.open_project(id).unwrap().name(), "kept");
        opened.adopt_project(torn, "again", opened.front().marking.clone()).unwrap();
    }
}
